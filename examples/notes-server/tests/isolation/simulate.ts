/**
 * N users times M runs against the real server, with delays, cancels, cuts, slow readers and agents that misbehave;
 * afterwards, everything that anybody was sent, and everything that was stored or logged, is searched for others'
 * marks.
 */
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAuditTrail } from 'user-execution-context'
import { fileNotes } from '../../src/notes-agent/file-notes.ts'
import { openNotesServer } from '../../src/open-notes-server.ts'
import { Canaries, oneOf, type Leak } from './canaries.ts'
import { behaviours, chaosAgent, type PlantedLeak } from './chaos-agent.ts'
import { findDisorder, probeForeignRuns } from './find-faults.ts'
import { searchLog, searchStored, type LogLine } from './find-leaks.ts'
import { randomFrom, seededRandom, sleep, type Random } from './random.ts'
import { SimulatedUser } from './simulated-user.ts'
import { addUsers, signIn } from './users.ts'

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

export const simulate = async ({ users: count, runsPerUser, seed, leak }: SimulationOptions): Promise<Simulation> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'isolation-'))
  const random = seededRandom(seed)
  const canaries = new Canaries()
  const log: LogLine[] = []
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
