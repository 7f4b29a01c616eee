/**
 * Handles on Postgres: a handle that one node gave is good at all of them.
 */
import type { PoolClient } from 'pg'
import type { HandleEntry, HandleInsertion, HandleStore, HandleTie } from 'user-execution-context'
import { asOwner } from '../connection/as-owner.ts'
import type { Postgres } from '../connection/open-database.ts'
import { parseOptions } from '../options/parse-options.ts'
import { pools } from '../options/port-checks.ts'
import { queryDatabase } from '../connection/unreachable.ts'

/** Options of {@link postgresHandleStore}. */
export type PostgresHandleStoreOptions = {
  /** With a worker's login: no other may read handles. */
  readonly postgres: Postgres
}

type Row = {
  readonly owner_key: string
  readonly handle_digest: string
  /** A bigint, which the driver gives as text. */
  readonly ends_at_ms: string
  readonly tie: string
  readonly value: string
}

const columns = 'owner_key, handle_digest, ends_at_ms, tie, value'

/**
 * The store of ownedHandles() on Postgres, for values that are plain JSON. Its limits hold over all nodes, exactly: one
 * insertion at a time, of all users. The clock of the server decides what has ended.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` without a worker's login.
 * @example
 * ```ts
 * import { ownedHandles } from 'user-execution-context'
 * import { postgresHandleStore, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openSearches = (postgres: Postgres) => {
 *   const store = postgresHandleStore<{ readonly cursor: number }>({ postgres })
 *   return ownedHandles({ ttlMs: 600_000, maxPerUser: 10, maxTotal: 10_000, store })
 * }
 * ```
 */
export const postgresHandleStore = <Value>(options: PostgresHandleStoreOptions): HandleStore<Value> => {
  const { postgres } = parseOptions(options, { postgres: pools })
  const pool = postgres.worker
  const one = async (ownerKey: string, name: string, text: string, values: readonly unknown[]) => {
    const { rows } = await asOwner(pool, ownerKey, (client) => client.query<Row>({ name, text, values: [...values] }))
    return rows[0] && toEntry<Value>(rows[0])
  }

  return Object.freeze({
    insert: async ({ ownerKey, handleDigest, endsAtMs, tie, value }, { maxPerUser, maxTotal }) => {
      // Before the lock: what the app does in a toJSON() would keep all other users waiting.
      const texts = [JSON.stringify(tie), JSON.stringify(value)]
      return asOwner(pool, ownerKey, async (client) => {
        // A statement of its own: the next one sees what was committed while this one waited.
        await client.query({ name: 'uec-lock-handles', text: lockSql })
        const { rows } = await client.query<{ readonly insertion: HandleInsertion }>({
          name: 'uec-keep-handle',
          text: insertSql,
          values: [...[ownerKey, handleDigest, Math.floor(endsAtMs), ...texts, maxPerUser, maxTotal]],
        })
        return rows[0]!.insertion
      })
    },
    find: (ownerKey: string, handleDigest: string) =>
      one(ownerKey, 'uec-find-handle', `${findSql} AND ends_at_ms > uec.now_ms()`, [ownerKey, handleDigest]),
    retie: async (ownerKey: string, handleDigest: string, tie: HandleTie) => {
      await asOwner(pool, ownerKey, (client: PoolClient) =>
        client.query({
          name: 'uec-retie-handle',
          text: 'UPDATE uec.handles SET tie = $3 WHERE owner_key = $1 AND handle_digest = $2',
          values: [ownerKey, handleDigest, JSON.stringify(tie)],
        }),
      )
    },
    remove: (ownerKey: string, handleDigest: string) =>
      one(ownerKey, 'uec-remove-handle', removeSql, [ownerKey, handleDigest]),
    takeEnded: async (maxEntries: number) => {
      const { rows } = await queryDatabase<Row>(pool, {
        name: 'uec-take-ended-handles',
        text: `SELECT ${columns} FROM uec.take_ended_handles($1)`,
        values: [maxEntries],
      })
      return rows.map(toEntry<Value>)
    },
  } satisfies HandleStore<Value>)
}

// For this transaction, and for all owners: the last place is given to one of them.
const lockSql = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('uec.handles', 0))"

// All are counted only where the user has a place left.
const insertSql = `
  WITH room AS (
    SELECT CASE
      WHEN (SELECT count(*) FROM uec.handles WHERE owner_key = $1 AND ends_at_ms > uec.now_ms()) >= $6::bigint
        THEN 'user full'
      WHEN uec.count_handles() >= $7::bigint THEN 'full'
      ELSE 'kept'
    END AS insertion
  ), kept AS (
    INSERT INTO uec.handles (${columns})
    SELECT $1, $2, $3::bigint, $4, $5 FROM room WHERE insertion = 'kept'
  )
  SELECT insertion FROM room`

const findSql = `SELECT ${columns} FROM uec.handles WHERE owner_key = $1 AND handle_digest = $2`
const removeSql = `DELETE FROM uec.handles WHERE owner_key = $1 AND handle_digest = $2 RETURNING ${columns}`

function toEntry<Value>(row: Row): HandleEntry<Value> {
  return Object.freeze({
    ownerKey: row.owner_key,
    handleDigest: row.handle_digest,
    endsAtMs: Number(row.ends_at_ms),
    tie: JSON.parse(row.tie) as HandleTie,
    value: JSON.parse(row.value) as Value,
  })
}
