/**
 * Revocations on Postgres: a sign-out at one node ends proofs at all of them.
 */
import type { RevocationListener, RevocationStore, Tombstone } from 'user-execution-context'
import type { Pool } from 'pg'
import { onConnection } from '../connection/in-transaction.ts'
import type { Postgres } from '../connection/open-database.ts'
import { optional, parseOptions } from '../options/parse-options.ts'
import { everyMs, pools, wakes as wakesCheck } from '../options/port-checks.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import { toTopic, type WakeChannel } from '../wakes/wake-channel.ts'

/** Options of {@link postgresRevocations}. */
export type PostgresRevocationsOptions = {
  readonly postgres: Postgres
  readonly wakes: WakeChannel
  /** How often the table is looked at without a wake, milliseconds, 1 to 86,400,000. Default 2,500. */
  readonly pollMs?: number | undefined
}

type Row = {
  readonly key: string
  readonly not_before_ms: string
  readonly until_ms: string
  readonly reason: Tombstone['reason']
}

/** A line of the answer: without a revocation where there is none. */
type MaybeRow = Row | { readonly key: null }

/** What is not a revocation: what the next question is for, and who answered. */
type Answered = { readonly next: string; readonly running: readonly string[]; readonly server: string }

/**
 * What was not seen: the transactions that ran, and those that had not begun, of whom the first would have been number
 * `from`; and the table of which server they are of. No clock: whoever had seen a row of a clock that was ahead saw
 * none of those that were written after the clock was set back. And not just the oldest that ran: while one writes for
 * long, each look would read all that the others have written since.
 */
type Cursor = { readonly from: string; readonly running: readonly string[]; readonly server: string | undefined }

/** A revocation, and the clock that it was made by: what is written late must not be read by a clock set since. */
type Made = { readonly tombstone: Tombstone; readonly toNowMs: () => number }

const topic = toTopic('revocations')
/** How far clocks may differ and count as the same, milliseconds. */
const clockMs = 1_000
/**
 * How long a question may take, milliseconds: less than other statements may. A process that waits here for a
 * connection that the network has forgotten serves users who have signed out elsewhere. (The types of the driver
 * know it of clients only.)
 */
const lookBounds: object = { query_timeout: 2_500 }
/** What is asked with where nothing was seen. */
const nothingSeen: Cursor = { from: '0', running: [], server: undefined }
// Also where there is no row: the snapshot of this statement says which transactions it does not see. Their numbers
// have 64 bits, so none comes again; a crash that the server itself recovers from, as from a killed connection, may
// take back numbers that no commit has kept, and makes the statistics begin anew. Rows of a table that was made or
// filled from a copy have the numbers of whatever server the copy is of, and the table has another file. Rows that
// are copied into the table as it is, with its triggers disabled, have them too, and are heard of at the next start
// alone. A standby lists none of the transactions that run where it copies from, and passes them with its xmax: below
// its xmin all have ended. It takes over with the same file, and counts on.
const askSql = `SELECT s.next, s.running, s.server, r.key, r.not_before_ms, r.until_ms, r.reason
  FROM (SELECT CASE WHEN pg_catalog.pg_is_in_recovery()
          THEN pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
          ELSE pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()) END::text AS next,
      ARRAY(SELECT pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot())::text) AS running,
      pg_catalog.concat_ws(' ', pg_catalog.pg_is_in_recovery(),
        extract(epoch FROM pg_catalog.pg_postmaster_start_time()),
        extract(epoch FROM pg_catalog.pg_stat_get_bgwriter_stat_reset_time()), d.oid,
        pg_catalog.pg_relation_filenode('uec.revocations'::pg_catalog.regclass)) AS server
      FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()) AS s
    LEFT JOIN uec.revocations AS r
      ON r.until_ms > $2 AND (r.written_by >= $1::xid8 OR r.written_by = ANY ($3::xid8[]))`

/**
 * The store behind liveSessions() on Postgres. A node that cannot reach it hears nothing, and begins nothing new once
 * `staleAfterMs` of its registry is over; when it is back it is told of all that it missed before it serves again. A
 * revocation that could not be written is written then, where the process still lives and follows.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { liveSessions } from 'user-execution-context'
 * import { postgresRevocations, type PostgresRevocationsOptions } from '@user-execution-context/postgres'
 *
 * export const openSessions = async (options: PostgresRevocationsOptions) =>
 *   liveSessions({ maxProofMs: 43_200_000, store: await postgresRevocations(options) })
 * ```
 */
export const postgresRevocations = async (options: PostgresRevocationsOptions): Promise<RevocationStore> => {
  const checks = { postgres: pools, wakes: wakesCheck, pollMs: optional(everyMs) }
  const { postgres, wakes, pollMs = 2_500 } = parseOptions(options, checks)
  const ask = async ({
    from,
    running,
    server,
  }: Cursor): Promise<{ tombstones: readonly Tombstone[]; cursor: Cursor }> => {
    const { rows } = await queryDatabase<Answered & MaybeRow>(postgres.revocations, {
      name: 'uec-revocations',
      text: askSql,
      values: [from, Date.now(), running],
      ...lookBounds,
    })
    const { next, running: stillRunning, server: answering } = rows[0]!
    // A server that took over counts transactions of its own, and may have lost some that the other one had.
    if (server !== undefined && answering !== server) return ask(nothingSeen)
    return {
      tombstones: rows.filter(isRow).map(toTombstone),
      cursor: { from: next, running: stillRunning, server: answering },
    }
  }
  const opened = await ask(nothingSeen)
  /** What could not be written. Whoever signed out has no proof any more to ask for it again with. */
  const unwritten = new Set<Made>()
  const write = async (pool: Pool, { tombstone, toNowMs }: Made): Promise<void> => {
    const { key, notBeforeMs, untilMs, reason } = tombstone
    await onConnection(pool, (client) =>
      client.query({
        name: 'uec-revoke',
        // By the clock of the database where that of this process is behind by more than a question takes: a token that
        // another process issued a moment ago would seem to be of a sign-in since.
        text: `INSERT INTO uec.revocations AS r (key, not_before_ms, until_ms, reason)
        SELECT $1, $2::bigint + c.behind_ms, $3::bigint + c.behind_ms, $4
        FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $5::bigint AS ms) AS d,
          LATERAL (SELECT CASE WHEN d.ms > ${clockMs} THEN d.ms ELSE 0 END AS behind_ms) AS c
        ON CONFLICT (key) DO UPDATE SET not_before_ms = greatest(r.not_before_ms, excluded.not_before_ms),
          until_ms = greatest(r.until_ms, excluded.until_ms), reason = excluded.reason,
          written_at = clock_timestamp()`,
        // Read now that there is a connection: whoever waits for one longer would seem to be behind.
        values: [key, notBeforeMs, untilMs, reason, toNowMs()],
        ...lookBounds,
      }),
    )
    wakes.wake([topic])
  }
  const writeLate = async (): Promise<void> => {
    for (const made of unwritten) {
      // Not where users may have all connections: nobody else will try again.
      await write(postgres.revocations, made)
      unwritten.delete(made)
    }
  }

  return Object.freeze({
    tombstones: opened.tombstones,
    write: async (tombstone: Tombstone) => {
      const made = { tombstone, toNowMs: startClock() }
      try {
        await write(postgres.service, made)
      } catch (error) {
        unwritten.add(made)
        throw error
      }
    },
    follow: ({ revoked, heard }: RevocationListener) => {
      let isStopped = false
      let looking: Promise<void> | undefined
      let isDue = false
      // Its own: what another one has been told, this one has not.
      let { cursor } = opened
      const look = async (): Promise<void> => {
        while (isDue && !isStopped) {
          isDue = false
          try {
            const asked = await ask(cursor)
            tellAll(asked.tombstones, (tombstone) => isStopped || revoked(tombstone))
            // Only now: what it threw at is told again.
            cursor = asked.cursor
            // Only after all that was missed has been told.
            if (!isStopped) heard()
            // After that: where nothing can be written, as with a full disk, the sign-outs of others are heard.
            await writeLate()
          } catch {
            // Unheard for too long, the registry lets nothing new begin.
            break
          }
        }
        looking = undefined
      }
      const start = (): void => {
        isDue = true
        looking ??= Promise.resolve().then(look)
      }
      const unhear = wakes.hear((topics) => void ((topics === undefined || topics.has(topic)) && start()))
      const timer = setInterval(start, pollMs).unref()
      start()
      return () => {
        isStopped = true
        clearInterval(timer)
        unhear()
      }
    },
  })
}

/** The clock of this process as it is now, whatever sets it later. */
function startClock(): () => number {
  const startedAtMs = Date.now()
  const startedAt = performance.now()
  return () => Math.round(startedAtMs + performance.now() - startedAt)
}

const isRow = <Other>(row: Other & MaybeRow): row is Other & Row => row.key !== null

function toTombstone({ key, not_before_ms: notBeforeMs, until_ms: untilMs, reason }: Row): Tombstone {
  return { key, notBeforeMs: Number(notBeforeMs), untilMs: Number(untilMs), reason }
}

/** Tells each, also behind one that a listener throws at: those that are live there would go on. Throws the first. */
function tellAll(tombstones: readonly Tombstone[], tell: (tombstone: Tombstone) => unknown): void {
  const thrown: unknown[] = []
  for (const tombstone of tombstones) {
    try {
      tell(tombstone)
    } catch (error) {
      thrown.push(error)
    }
  }
  if (thrown.length > 0) throw thrown[0]
}
