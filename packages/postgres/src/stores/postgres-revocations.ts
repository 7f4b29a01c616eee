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
  readonly written_at: string
}

/** A revocation, and the clock that it was made by: what is written late must not be read by a clock set since. */
type Made = { readonly tombstone: Tombstone; readonly toNowMs: () => number }

const topic = toTopic('revocations')
/** Rows are committed in another order than they were timed: rows this recent are read again. */
const overlap = '10 seconds'
/** How far clocks may differ and count as the same, milliseconds. */
const clockMs = 1_000
/**
 * How long a question may take, milliseconds: less than other statements may. A process that waits here for a
 * connection that the network has forgotten serves users who have signed out elsewhere. (The types of the driver
 * know it of clients only.)
 */
const lookBounds: object = { query_timeout: 2_500 }
const columns = 'key, not_before_ms, until_ms, reason, written_at::text AS written_at'

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
  let since = '-infinity'
  const ask = async (): Promise<readonly Tombstone[]> => {
    const { rows } = await queryDatabase<Row>(postgres.revocations, {
      name: 'uec-revocations',
      text: `SELECT ${columns} FROM uec.revocations
        WHERE written_at > $1::timestamptz - interval '${overlap}' AND until_ms > $2 ORDER BY written_at`,
      values: [since, Date.now()],
      ...lookBounds,
    })
    since = rows.at(-1)?.written_at ?? since
    return rows.map(toTombstone)
  }
  const tombstones = await ask()
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
    tombstones,
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
      const look = async (): Promise<void> => {
        while (isDue && !isStopped) {
          isDue = false
          try {
            for (const tombstone of await ask()) if (!isStopped) revoked(tombstone)
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

function toTombstone({ key, not_before_ms: notBeforeMs, until_ms: untilMs, reason }: Row): Tombstone {
  return { key, notBeforeMs: Number(notBeforeMs), untilMs: Number(untilMs), reason }
}
