/**
 * N users times M runs against the real server, with delays, cancels, cuts, slow readers and agents that misbehave;
 * afterwards, everything that anybody was sent, and everything that was stored or logged, is searched for others'
 * marks.
 */
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createForUser, decodeOwner, openAuditTrail, toLogFields, verifyAuditTrail, type AuditRecord } from './parts.ts'
import { fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
import { vouchForUser } from 'user-execution-context/restricted'
import { fileNotes } from '../../src/notes-agent/notes.ts'
import { openNotesServer } from '../../src/open-notes-server.ts'
import type { LogRecord } from '@user-execution-context/golden-path/server'
import { isEnd } from '../../../../packages/golden-path/tests/server/test-server.ts'
import { Canaries, oneOf, type Leak } from './canaries.ts'
import { behaviours, chaosAgent, type PlantedLeak } from './chaos-agent.ts'
import { randomFrom, seededRandom, sleep, type Random } from './random.ts'
import { SimulatedUser } from './simulated-user.ts'

export type SimulationOptions = {
  readonly users: number
  readonly runsPerUser: number
  readonly seed: number
  readonly leak?: PlantedLeak
}

export type Simulation = {
  readonly leaks: readonly Leak[]
  /**
   * Runs without exactly one terminal event at their end, sequences out of turn, answers that tell foreign from
   * unknown.
   */
  readonly faults: readonly string[]
  readonly runs: number
  readonly events: number
  readonly cuts: number
  readonly logLines: number
  readonly auditRecords: number
  readonly files: number
}

const userId = (index: number): string => `user|${index}:${index % 7}`

export const simulate = async ({ users: count, runsPerUser, seed, leak }: SimulationOptions): Promise<Simulation> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'isolation-'))
  const random = seededRandom(seed)
  const canaries = new Canaries()
  const log: LogRecord[] = []
  const auditFile = join(dataDirectory, 'audit.jsonl')
  const audit = openAuditTrail({ write: (record) => appendFile(auditFile, `${JSON.stringify(record)}\n`) })
  const password = await addUsers(dataDirectory, count)
  const server = await openNotesServer({
    dataDirectory,
    port: 0,
    log: (record) => log.push(record),
    agent: chaosAgent({
      notes: fileNotes(join(dataDirectory, 'notes')),
      audit,
      log: (record) => log.push(record),
      random,
      leak,
    }),
    limits: {
      messagesPerSecond: 1000,
      connectionsPerAddress: 1000,
      pendingUpgrades: 1000,
      waitingConnectionsPerAddress: 1000,
      runTimeMs: 1500,
      concurrentRuns: 60,
      bufferedBytesPerConnection: 16_384,
      slowReaderMs: 60,
      retainedRuns: 100_000,
    },
    attempts: { perAddress: 10_000 },
  })
  let users: readonly SimulatedUser[] = []
  try {
    const port = Number(new URL(server.url).port)
    users = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const token = await signIn(port, index, password)
        return new SimulatedUser(index, port, token, seededRandom(seed + index + 1))
      }),
    )
    const cutsOfUsers = await Promise.all(
      users.map(async (user) => {
        await user.open()
        return live(user, runsPerUser, seededRandom(seed * 31 + user.index), canaries)
      }),
    )
    const cuts = cutsOfUsers.reduce((sum, ofUser) => sum + ofUser, 0)
    const faults = [...(await probeForeignRuns(users)), ...users.flatMap(findDisorder)]
    for (const user of users) user.close()
    await server.close()
    const stored = await searchStored(dataDirectory, auditFile, canaries, count)
    return {
      leaks: [
        ...users.flatMap((user) =>
          canaries.findLeaks('wire', user.index, Buffer.concat(user.chunks).toString('latin1')),
        ),
        ...searchLog(log, canaries, count),
        ...stored.leaks,
      ],
      faults: [...faults, ...stored.faults],
      runs: users.reduce((sum, user) => sum + user.runs.size, 0),
      events: users.reduce(
        (sum, user) => sum + [...user.runs.values()].reduce((events, run) => events + run.events.length, 0),
        0,
      ),
      cuts,
      logLines: log.length,
      auditRecords: stored.auditRecords,
      files: stored.files,
    }
  } finally {
    for (const user of users) user.close()
    await server.close()
    await rm(dataDirectory, { recursive: true, force: true })
  }
}

/**
 * The life of one user: runs of all kinds, some cancelled, some followed over HTTP, with cuts and stalls. Returns the
 * cuts.
 */
async function live(user: SimulatedUser, runs: number, random: Random, canaries: Canaries): Promise<number> {
  let cuts = 0
  const pending: Promise<unknown>[] = []
  for (let run = 0; run < runs; run++) {
    const behaviour = oneOf(random, behaviours)
    const canary = canaries.plant(user.index, random)
    const isCut = random() < 0.1
    if (isCut) cuts++
    const runId = await user.start(`${behaviour} ${canary}`, canary, isCut)
    if (behaviour === 'hang' || random() < 0.1)
      pending.push(sleep(randomFrom(random, 0, 80)).then(() => user.cancel(runId)))
    if (random() < 0.15) pending.push(user.follow(runId).then((sequences) => assertInTurn(user, runId, sequences)))
    pending.push(user.hasEnded(runId))
    await sleep(randomFrom(random, 0, 15))
    const mishap = random()
    if (mishap < 0.15) {
      cuts++
      user.cut()
    } else if (mishap < 0.25) pending.push(user.stall())
  }
  await Promise.all(pending)
  return cuts
}

function assertInTurn(user: SimulatedUser, runId: string, sequences: readonly number[]): void {
  if (sequences.some((sequence, position) => sequence !== position + 1))
    user.disorders.push(`${runId} over HTTP: ${sequences.join(' ')}`)
}

function findDisorder(user: SimulatedUser): string[] {
  const ends = [...user.runs.values()].filter(
    ({ events }) =>
      events.filter((event) => isEnd(event as never)).length !== 1 ||
      !isEnd(events.at(-1) as never) ||
      events[0]?.type !== 'agent_started',
  )
  return [
    ...user.disorders,
    ...ends.map(({ runId, events }) => `${runId}: ${events.map(({ type }) => type).join(' ')}`),
  ]
}

/**
 * Each user asks for a run of the next one and for a run that nobody has: both must be answered alike, and nothing
 * cancelled.
 */
async function probeForeignRuns(users: readonly SimulatedUser[]): Promise<string[]> {
  const faults: string[] = []
  for (const [index, user] of users.entries()) {
    const foreign = [...users[(index + 1) % users.length]!.runs.keys()][0]!
    const unknown = '0b54ee3e-4ce1-4b2c-a5b7-5f2b1c1ed0a5'
    for (const [method, path] of [
      ['GET', '/events'],
      ['DELETE', ''],
    ] as const) {
      const answers = await Promise.all([foreign, unknown].map((runId) => user.ask(method, `/runs/${runId}${path}`)))
      if (users.length > 1 && (answers[0] !== answers[1] || !answers[0]!.startsWith('404')))
        faults.push(`${method} ${path} told ${answers.join(' / ')}`)
    }
  }
  return faults
}

function searchLog(log: readonly LogRecord[], canaries: Canaries, count: number): Leak[] {
  const byHash = new Map(
    Array.from(
      { length: count },
      (_, index) =>
        [
          toLogFields(createForUser(vouchForUser(userId(index), { reason: 'isolation harness' }))).userHash,
          index,
        ] as const,
    ),
  )
  return log.flatMap((record) =>
    canaries.findLeaks('log', byHash.get(String(record['userHash'])) ?? -2, JSON.stringify(record)),
  )
}

async function searchStored(directory: string, auditFile: string, canaries: Canaries, count: number) {
  const indexOf = new Map(Array.from({ length: count }, (_, index) => [userId(index), index] as const))
  const leaks: Leak[] = []
  const faults: string[] = []
  const records = (await readFile(auditFile, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRecord)
  for (const record of records)
    leaks.push(...canaries.findLeaks('audit', indexOf.get(record.userId) ?? -2, JSON.stringify(record)))
  try {
    verifyAuditTrail(records)
  } catch (error) {
    faults.push(String(error))
  }
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name)
    if (path === auditFile) continue
    // Notes lie under the owner's key in hex; no other file may hold a mark at all.
    const owner =
      name === 'notes.json' ? (indexOf.get(decodeOwner(parentPath.slice(join(directory, 'notes').length))) ?? -2) : -2
    leaks.push(...canaries.findLeaks(`file ${name}`, owner, await readFile(path, 'utf8')))
  }
  return { leaks, faults, auditRecords: records.length, files: files.length }
}

async function addUsers(dataDirectory: string, count: number): Promise<string> {
  const password = 'the same for all: what is tested here is what happens after sign-in'
  // Cheap on purpose, and made once: the record itself says what it costs.
  const record = await passwordHasher({ cost: 1024 }).toRecord(password)
  const store = await fileUserStore(dataDirectory)
  for (let index = 0; index < count; index++)
    await store.add({ userId: userId(index), userName: `user${index}`, password: record })
  return password
}

async function signIn(port: number, index: number, password: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userName: `user${index}`, password }),
    })
    const body = (await response.json()) as { accessToken?: string }
    if (body.accessToken !== undefined) return body.accessToken
    // Too many sign-ins at once are told to come back.
    await sleep(20)
  }
  throw new Error(`user ${index} could not sign in`)
}
