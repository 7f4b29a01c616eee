/**
 * The memory of texts that open once, on Postgres: for all processes that open.
 */
import { createHash } from 'node:crypto'
import { assertFits } from '../options/parse-options.ts'
import { pool as poolCheck } from '../options/port-checks.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import type { ReplayMemory } from '@user-execution-context/transfer'
import type { Pool } from 'pg'

/**
 * The replay memory on Postgres.
 *
 * @param pool - `service` or `worker` of openPostgres().
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for what is no pool.
 * @example
 * ```ts
 * import { postgresReplayMemory, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openReplay = (postgres: Postgres) => postgresReplayMemory(postgres.service)
 * ```
 */
export const postgresReplayMemory = (pool: Pool): ReplayMemory => {
  assertFits(pool, 'pool', poolCheck)
  return Object.freeze({
    claim: async (textId: string, attemptKey: string, untilMs: number) => {
      const { rows } = await queryDatabase<{ readonly claimed: boolean }>(pool, {
        name: 'uec-claim-text',
        text: claimSql,
        values: [textId, toDigest(attemptKey), untilMs],
      })
      return rows[0]?.claimed === true ? 'claimed' : 'used'
    },
    complete: async (textId: string, attemptKey: string) => {
      await queryDatabase(pool, {
        name: 'uec-complete-text',
        text: 'UPDATE uec.opened_texts SET completed = true WHERE text_id = $1 AND attempt_digest = $2',
        values: [textId, toDigest(attemptKey)],
      })
    },
  })
}

// One statement: of two claims at the same time one waits for the other, and finds its row. Some that have ended make
// room on the way.
const claimSql = `
  WITH ended AS (
    DELETE FROM uec.opened_texts WHERE ctid IN (
      SELECT ctid FROM uec.opened_texts WHERE until < clock_timestamp() AND text_id <> $1
      ORDER BY until LIMIT 4 FOR UPDATE SKIP LOCKED
    )
  )
  INSERT INTO uec.opened_texts AS t (text_id, attempt_digest, until)
  VALUES ($1, $2, to_timestamp($3::double precision / 1000))
  ON CONFLICT (text_id) DO UPDATE SET until = t.until
  RETURNING NOT completed AND attempt_digest = $2 AS claimed`

// A key of a caller may name a user.
function toDigest(attemptKey: string): Buffer {
  return createHash('sha256').update(attemptKey, 'utf16le').digest()
}
