/**
 * Audit trails on Postgres: a process adds to its own, and no process can change or read what any of them says.
 */
import { ContextError, type AuditRecord, type AuditTrailOptions } from 'user-execution-context'
import pg from 'pg'
import { toDriverConfig, type ConnectionTarget } from '../connection/connection-target.ts'
import { assertFits, parseOptions, text } from '../options/parse-options.ts'
import { connection as connectionCheck, pool as poolCheck } from '../options/port-checks.ts'
import { retryTransient } from '../connection/transient.ts'
import { queryDatabase, toRefusal } from '../connection/unreachable.ts'

/** Options of {@link postgresAuditTrail}. */
export type PostgresAuditTrailOptions = {
  /** `service` or `worker` of openPostgres(). */
  readonly pool: pg.Pool
  /** Which trail, 1 to 128 characters: one for each process that writes, such as the name of its host. A constant. */
  readonly trail: string
}

/**
 * What openAuditTrail() takes: a `write` that adds one record, and `last`, where the trail goes on after a
 * restart. Two processes that write one trail do not fork it: the record of the second is refused.
 *
 * The roles of a deployment may add records, see where a trail ends, and nothing else. {@link readAuditTrail} reads.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { openAuditTrail, type AuditTrail } from 'user-execution-context'
 * import { postgresAuditTrail, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openTrail = async (postgres: Postgres): Promise<AuditTrail> =>
 *   openAuditTrail(await postgresAuditTrail({ pool: postgres.service, trail: 'node-1' }))
 * ```
 */
export const postgresAuditTrail = async (options: PostgresAuditTrailOptions): Promise<AuditTrailOptions> => {
  const { pool, trail } = parseOptions(options, { pool: poolCheck, trail: trailCheck })
  const { rows } = await queryDatabase<Place>(pool, {
    name: 'uec-audit-last',
    text: 'SELECT sequence, hash FROM uec.audit_records WHERE trail = $1 ORDER BY sequence DESC LIMIT 1',
    values: [trail],
  })
  const write = async (record: AuditRecord): Promise<void> => {
    const { sequence, hash, previousHash } = record
    const previous = sequence === 1 ? [null, null] : [sequence - 1, previousHash]
    const isThere = await retryTransient(retryMs, async () => {
      const { rowCount } = await queryDatabase(pool, {
        name: 'uec-audit-add',
        text: addSql,
        values: [trail, sequence, hash, ...previous, JSON.stringify(record)],
      })
      if (rowCount === 1) return true
      // Added before its answer was lost, or another process has the place.
      const there = await queryDatabase(pool, {
        name: 'uec-audit-find',
        text: 'SELECT FROM uec.audit_records WHERE trail = $1 AND sequence = $2 AND hash = $3',
        values: [trail, sequence, hash],
      })
      return there.rowCount === 1
    })
    if (!isThere) throw forked()
  }
  const [last] = rows
  return { write, ...(last && { last: { sequence: Number(last.sequence), hash: last.hash } }) }
}

/**
 * A whole trail, from its first record on, for verifyAuditTrail(). It holds personal data.
 *
 * @param connection - Logs in as the role that runs the migrations: the roles of a deployment cannot read trails.
 * @param trail - Which one.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_DATABASE_UNAVAILABLE`.
 * @example
 * ```ts
 * import { verifyAuditTrail } from 'user-execution-context'
 * import { readAuditTrail, type ConnectionTarget } from '@user-execution-context/postgres'
 *
 * export const verify = async (connection: ConnectionTarget, trail: string): Promise<void> =>
 *   verifyAuditTrail(await readAuditTrail(connection, trail))
 * ```
 */
export const readAuditTrail = async (connection: ConnectionTarget, trail: string): Promise<readonly AuditRecord[]> => {
  assertFits(connection, 'connection', connectionCheck)
  assertFits(trail, 'trail', trailCheck)
  const client = new pg.Client(toDriverConfig(connection) as pg.ClientConfig)
  // What breaks between two statements is told by the next.
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => {
    throw toRefusal(error)
  })
  try {
    const { rows } = await client.query<{ readonly record: string }>(
      'SELECT record FROM uec.audit_records WHERE trail = $1 ORDER BY sequence',
      [trail],
    )
    return rows.map(({ record }) => JSON.parse(record) as AuditRecord)
  } finally {
    await client.end()
  }
}

const trailCheck = text(128)

type Place = { readonly sequence: string; readonly hash: string }

/** How long a server that restarts is waited for, milliseconds. */
const retryMs = 4_000

const addSql = `
  INSERT INTO uec.audit_records (trail, sequence, hash, previous_sequence, previous_hash, record)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (trail, sequence) DO NOTHING`

function forked(): ContextError {
  return new ContextError('ERR_CONTEXT_AUDIT_BROKEN', {
    fix: 'Another process writes the same trail. Give each process a trail of its own: nothing was added here.',
  })
}
