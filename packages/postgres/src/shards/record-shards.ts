/**
 * Records in every database which shard it is, and which shards there are: what places owners is never what one process
 * happens to be given.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { connectAlone, defaultAnswerTimeoutMs } from '../connection/connect-alone.ts'
import type { ConnectionTarget } from '../connection/connection-target.ts'
import { begin } from '../connection/in-transaction.ts'
import { listOf, optional, parseOptions, text } from '../options/parse-options.ts'
import { connection, everyMs } from '../options/port-checks.ts'
import { findOwnerTables } from './owner-tables.ts'
import { findPlacement, isSame, toList, type RecordedPlacement } from './recorded-placement.ts'
import { inShard, unfitShards } from './shard-errors.ts'
import { namedShards } from './shard-names.ts'

/** Options of {@link recordShards}. */
export type RecordShardsOptions = {
  /** All databases by name, each with the login that runs the migrations. */
  readonly shards: Readonly<Record<string, ConnectionTarget>>
  /** Those that new owners are placed on. Default: what is recorded; at the first time, all. */
  readonly placing?: readonly string[] | undefined
  /**
   * How long a statement may take to be answered before its connection counts as lost, milliseconds. The first time one
   * of them finds all owners of a table. 1 to 86,400,000. Default 600,000.
   */
  readonly answerTimeoutMs?: number | undefined
}

/**
 * Records the shards of a deployment. The first time every database must be new, or one of them may have owners
 * already: they are at home there. Later it adds shards, in two steps, because a node that does not know a shard would
 * place an owner anew who is at home there:
 *
 * 1. `recordShards({ shards })` with the new one: nodes started after it must name it, and place nobody there.
 * 2. Once all nodes are started anew, `recordShards({ shards, placing })` with its name: new owners are placed on it.
 *
 * No owner is moved by it. Cut off at any instant it is run again.
 *
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SHARDS`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { recordShards, type ConnectionTarget } from '@user-execution-context/postgres'
 *
 * export const record = (a: ConnectionTarget, b: ConnectionTarget): Promise<void> => recordShards({ shards: { a, b } })
 * ```
 */
export const recordShards: (options: RecordShardsOptions) => Promise<void> = async (options) => {
  const {
    shards,
    placing,
    answerTimeoutMs = defaultAnswerTimeoutMs,
  } = parseOptions(options, {
    shards: namedShards(connection),
    placing: optional(listOf(text())),
    answerTimeoutMs: optional(everyMs),
  })
  const clients = new Map<string, pg.Client>()
  try {
    for (const name of Object.keys(shards).sort()) {
      clients.set(name, await inShard(name, connectAlone(shards[name]!, answerTimeoutMs)))
    }
    // Placing stops everywhere before it goes on with other names anywhere.
    if ((await change(clients, placing, 'first')) === 'another') await change(clients, placing, 'last')
  } finally {
    await Promise.all([...clients.values()].map((client) => client.end().catch(() => undefined)))
  }
}

/** Writes the rows. The first round may ask for another. */
async function change(
  clients: ReadonlyMap<string, pg.Client>,
  given: readonly string[] | undefined,
  round: 'first' | 'last',
): Promise<'another' | 'done'> {
  const recorded = new Map<string, RecordedPlacement | undefined>()
  for (const [name, client] of clients) {
    await client.query(begin)
    await lock(client, name)
    recorded.set(name, await findPlacement(client))
  }
  const { names, placing } = toNext(recorded, given)
  const isChange = [...recorded.values()].some((row) => row !== undefined && !isSame(row.placing, placing))
  const isChanging = round === 'first' && (isChange || [...recorded.values()].some((row) => row?.is_changing))
  const fresh = [...clients].filter(([name]) => recorded.get(name) === undefined)
  const full = await adopt(fresh, fresh.length === clients.size ? 1 : 0)
  for (const [name, client] of clients)
    await client.query(
      `INSERT INTO uec.placement (shard, names, placed_on, is_changing) VALUES ($1, $2, $3, $4)
        ON CONFLICT (is_only) DO UPDATE SET names = excluded.names, is_changing = excluded.is_changing,
          placed_on = CASE WHEN excluded.is_changing THEN placement.placed_on ELSE excluded.placed_on END`,
      [name, names, placing, isChanging],
    )
  // First those with owners: cut off then, what is not recorded yet is empty.
  for (const name of [...full, ...clients.keys()]) await clients.get(name)!.query('COMMIT')
  return isChanging ? 'another' : 'done'
}

/** Waits for those that place owners; and finds one database under two names, which would wait for itself. */
async function lock(client: pg.Client, name: string): Promise<void> {
  const sql = "SELECT pg_try_advisory_xact_lock(hashtextextended('uec.placement', 0)) AS is_mine"
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await client.query<{ readonly is_mine: boolean }>(sql)).rows[0]!.is_mine) return
    await pause(100)
  }
  throw unfitShards(`The database of "${name}" is that of another name, too, or another process changes it. Try again.`)
}

function toNext(recorded: ReadonlyMap<string, RecordedPlacement | undefined>, given: readonly string[] | undefined) {
  const all = [...recorded.keys()]
  const rows = [...recorded].flatMap(([name, row]) => (row === undefined ? [] : [{ ...row, name }]))
  const wrong = rows.find(({ name, shard }) => name !== shard)
  if (wrong !== undefined)
    throw unfitShards(`The database that was named "${wrong.name}" is recorded as the shard "${wrong.shard}".`)
  const known = rows.map(({ names }) => names).sort((one, other) => other.length - one.length)[0] ?? []
  const missing = known.filter((name) => !all.includes(name))
  if (missing.length > 0)
    throw unfitShards(`Name ${toList(missing)}, too: a shard is never taken away by leaving it out.`)
  const names = [...known, ...all.filter((name) => !known.includes(name))]
  const placing = given === undefined ? (rows[0]?.placing ?? names) : names.filter((name) => given.includes(name))
  if (placing.length === 0 || given?.some((name) => !names.includes(name)))
    throw unfitShards('Owners are placed on shards that exist, and on one at least.')
  return { names, placing }
}

/** An owner who has rows in a database that becomes a shard is at home there. Gives the names of those with owners. */
async function adopt(fresh: readonly [string, pg.Client][], maxFull: number): Promise<readonly string[]> {
  const full: string[] = []
  for (const [name, client] of fresh) {
    // Rows that a policy hides would be owners without a home: of tables that are not the library's it is an error.
    let owners = 0
    for (const { sql } of await findOwnerTables(client)) {
      await client.query(`SET LOCAL row_security = ${sql.startsWith('"uec".') ? 'on' : 'off'}`)
      const { rowCount } = await client.query(
        `INSERT INTO uec.owner_homes (owner_key) SELECT DISTINCT owner_key FROM ${sql} ON CONFLICT DO NOTHING`,
      )
      owners += rowCount ?? 0
    }
    if (owners > 0) full.push(name)
  }
  if (full.length > maxFull)
    throw unfitShards(`${toList(full)} have owners already, who may be the same as those of another shard.`)
  return full
}
