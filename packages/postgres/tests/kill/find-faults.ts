// What is wrong after everything has come to rest: the views of the clients against what the database has.
import type { Message } from '../server/reader.ts'
import type { BusyUser } from './busy-user.ts'
import type { KillCluster } from './kill-cluster.ts'
import { findFaultsOfLeft, toEnding } from './leave-run.ts'

type Row = { readonly owner_key: string; readonly run_id: string; readonly [column: string]: unknown }

const isEnd = (type: unknown): boolean => /^agent_(?:completed|failed|cancelled)$/.test(String(type))

export const findFaults = async (cluster: KillCluster, users: readonly BusyUser[]): Promise<readonly string[]> => {
  const faults: string[] = [...cluster.crashes]
  const ask = (text: string): Promise<readonly Row[]> => cluster.ask<Row>(text)
  const events = new Map<string, Row[]>()
  for (const row of await ask('SELECT * FROM uec.events ORDER BY run_id, sequence')) {
    const rows = events.get(row.run_id)
    if (rows === undefined) events.set(row.run_id, [row])
    else rows.push(row)
  }
  for (const user of users) faults.push(...findFaultsOf(user, events))
  // A database that is away is 503. Whatever is 500 is a case that nobody thought of.
  if (users.some(({ refusals }) => Object.keys(refusals).some((name) => name.endsWith(' 500'))))
    faults.push(`A server answered 500: ${[...findBroken(cluster.readLogs())].join(', ')}`)
  for (const { left } of users.flatMap(({ runs }) => runs))
    if (left !== undefined) faults.push(...(await findFaultsOfLeft(left, cluster)))
  const acknowledged = new Set(users.flatMap(({ runs }) => runs.map(({ reader }) => reader.runId)))
  for (const { run_id: id, ended_at: endedAt, opened_at: openedAt } of await ask('SELECT * FROM uec.runs')) {
    if (!acknowledged.has(id)) faults.push(`${id}: nobody was told of it${openedAt ? ', and it ran' : ''}`)
    else if (endedAt === null) faults.push(`${id}: the database has no end of it`)
  }
  for (const { run_id: id } of await ask('SELECT * FROM uec.jobs')) faults.push(`${id}: its job is left`)
  for (const { waiting, running } of await ask('SELECT * FROM uec.queue_owners WHERE waiting > 0 OR running > 0'))
    faults.push(`An owner without jobs has ${String(waiting)} places that wait and ${String(running)} that run`)
  faults.push(...findLostWork(cluster, events))
  for (const table of ['events', 'runs', 'jobs', 'queue_owners', 'start_keys'])
    for (const row of await ask(`SELECT * FROM uec.${table}`)) faults.push(...findForeign(table, row, users))
  if (hasCanary(JSON.stringify(await ask('SELECT * FROM uec.opened_texts')), users)) faults.push('A text has a mark')
  // A revocation is of one session of one user: of nobody who did not sign out.
  const stayed = users.filter(({ runs }) => runs.every(({ left }) => left === undefined))
  for (const row of await ask('SELECT * FROM uec.revocations')) {
    const text = JSON.stringify(row)
    if (hasCanary(text, stayed)) faults.push('Somebody was signed out who did not ask for it')
    if (users.filter(({ userId }) => text.includes(userId)).length > 1)
      faults.push('A revocation has marks of two users')
  }
  // No line of a log holds anything of a user.
  if (hasCanary(cluster.readLogs(), users)) faults.push('A log has a mark')
  return faults
}

function findFaultsOf({ runs, foreign, userName }: BusyUser, events: ReadonlyMap<string, readonly Row[]>): string[] {
  const faults = [...foreign].map(() => `${userName} was sent a mark of another`)
  for (const { reader, isStopped } of runs) {
    const { runId, disorders } = reader
    if (isStopped && !stopped.has(toEnding(reader)))
      faults.push(`${runId}: its user has stopped it, and it ended with ${toEnding(reader)}`)
    const held = events.get(runId) ?? []
    faults.push(...disorders.map((disorder) => `${runId}: ${disorder}`))
    if (!reader.isEnded) faults.push(`${runId}: its client got no end`)
    const ends = held.filter(({ type }) => isEnd(type)).length
    if (ends !== 1) faults.push(`${runId}: ${ends} ends`)
    if (held.some(({ sequence }, index) => Number(sequence) !== index + 1)) faults.push(`${runId}: a hole in the log`)
    if (!isSame(reader.events, held)) faults.push(`${runId}: its client has something else than the log`)
  }
  return faults
}

/** Whether a client has, position for position, what the log has. Pieces of text may have come joined. */
function isSame(seen: readonly Message[], held: readonly Row[]): boolean {
  const logged = held.map(({ text }) => JSON.parse(String(text)) as Message)
  if (seen.at(-1)?.['sequence'] !== logged.length) return false
  return seen.every((message) => {
    const { fromSequence, sequence, epoch, type } = message as Message & Record<'fromSequence' | 'sequence', number>
    const parts = logged.slice((fromSequence ?? sequence) - 1, sequence)
    const last = parts.at(-1)
    if (last === undefined || last['epoch'] !== epoch || last.type !== type) return false
    const text = parts.map(({ data }) => data.text).join('')
    return (
      JSON.stringify(message['data']) === JSON.stringify(parts.length > 1 ? { ...last['data'], text } : last['data'])
    )
  })
}

/** How a run may end that its user has stopped: by that, with its worker, or with the database. */
const stopped: ReadonlySet<string> = new Set([
  'agent_cancelled user',
  'agent_failed ERR_CONTEXT_SEAL_BROKEN',
  'agent_failed ERR_CONTEXT_WORKER_LOST',
  'agent_failed ERR_CONTEXT_EVENT_LOG_FAILED',
])

/** The codes and causes of errors in a log that are not of a database that is away. */
function findBroken(logs: string): ReadonlySet<string> {
  const broken = new Set<string>()
  for (const [line] of logs.matchAll(/^\{.*"level":"error".*\}$/gm)) {
    const { code, error, causes, places } = JSON.parse(line) as Readonly<Record<string, string | undefined>>
    if (code !== 'ERR_CONTEXT_DATABASE_UNAVAILABLE') broken.add(`${code} ${error} ${causes} ${places}`)
  }
  return broken
}

/** Tool events that an agent was told are kept, and are not. */
function findLostWork(cluster: KillCluster, events: ReadonlyMap<string, readonly Row[]>): string[] {
  const kept = new Set<string>()
  for (const [runId, rows] of events)
    for (const { type, text } of rows) {
      const { data } = JSON.parse(String(text)) as Message
      if (data?.toolCallId !== undefined) kept.add(`${runId} ${String(type)} ${data.toolCallId}`)
    }
  return cluster.readWitness().flatMap((line) => (kept.has(line) ? [] : [`An acknowledged event is lost: ${line}`]))
}

function findForeign(table: string, row: Row, users: readonly BusyUser[]): string[] {
  const text = JSON.stringify(row)
  const found = users.filter(({ userId }) => text.includes(userId))
  if (found.length > 1) return [`A row of ${table} has marks of two users`]
  return found[0] && !row.owner_key.includes(found[0].userId) ? [`A row of ${table} has a foreign mark`] : []
}

const hasCanary = (text: string, users: readonly BusyUser[]): boolean =>
  users.some(({ userId }) => text.includes(userId))
