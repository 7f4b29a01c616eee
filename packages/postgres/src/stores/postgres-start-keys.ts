/**
 * Idempotency keys on Postgres: a client that asks again at another node starts nothing twice.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import type { Limits, RunRecord, StartClaim, StartKey, StartKeyStore } from '@user-execution-context/golden-path'
import { asOwner, untilDurable } from '../connection/as-owner.ts'
import type { Postgres } from '../connection/open-database.ts'
import { optional, parseOptions, type Checks } from '../options/parse-options.ts'
import { everyMs, limitsWith, pools } from '../options/port-checks.ts'
import { markKeyStore } from './key-stores.ts'
import { recordColumns, toRecord, type RecordRow } from '../log/run-record.ts'

/** Options of {@link postgresStartKeys}. */
export type PostgresStartKeysOptions = {
  readonly postgres: Postgres
  readonly limits: Limits
  /** How long a start may take to be decided before its node counts as lost, 1 to 86,400,000 ms. Default 30,000. */
  readonly decideMs?: number | undefined
}

/** A table of the options, without the database. */
export const startKeyChecks: Checks<Omit<PostgresStartKeysOptions, 'postgres'>> = {
  limits: limitsWith('idempotencyKeysPerUser'),
  decideMs: optional(everyMs),
}

type Row = RecordRow & { readonly input_digest: string; readonly confirmed: boolean; readonly is_late: boolean }

/** Whether the run of a key was queued. Its job does not say: it is gone once the run has ended. */
const isQueued = `EXISTS (
  SELECT FROM uec.runs AS r WHERE r.owner_key = k.owner_key AND r.run_id = k.run_id AND r.start_data IS NOT NULL
)`

/** How often a start that another node decides about is looked at, milliseconds. */
const lookMs = 25

/**
 * The store of idempotency keys on Postgres.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { defaultLimits } from '@user-execution-context/golden-path'
 * import { postgresStartKeys, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openKeys = (postgres: Postgres) => postgresStartKeys({ postgres, limits: defaultLimits })
 * ```
 */
export const postgresStartKeys = (options: PostgresStartKeysOptions): StartKeyStore => {
  const { postgres, limits, decideMs = 30_000 } = parseOptions(options, { postgres: pools, ...startKeyChecks })
  // A key without a run that is queued, on disk, is worth nothing: a start that was lost with it begins anew.
  const keeping = { isRelaxed: true }
  const tryClaim = (key: StartKey, run: RunRecord): Promise<StartClaim | undefined> => {
    const claim = async (client: PoolClient): Promise<StartClaim | undefined> => {
      // Of two claims of one owner the second counts what the first has added. A statement of its own: the next one
      // sees what was committed while this one waited.
      await client.query({ name: 'uec-lock-starts', text: lockSql, values: [key.ownerKey] })
      const { runId, threadId, requestId, createdAtMs } = run
      const claiming = {
        name: 'uec-claim-start',
        text: claimSql,
        values: [
          ...[key.ownerKey, key.digest, key.inputDigest, runId, threadId, requestId, createdAtMs],
          limits.idempotencyKeysPerUser,
        ],
      }
      const tryToClaim = async (): Promise<boolean> => (await client.query(claiming)).rowCount === 1
      if (await tryToClaim()) return { state: 'claimed' }
      const { rows } = await client.query<Row>({
        name: 'uec-find-start',
        text: `SELECT ${recordColumns}, input_digest,
            claimed_at < clock_timestamp() - make_interval(secs => $3) AS is_late,
            confirmed OR ${isQueued} AS confirmed
          FROM uec.start_keys AS k WHERE owner_key = $1 AND digest = $2`,
        values: [key.ownerKey, key.digest, decideMs / 1_000],
      })
      const [known] = rows
      // Released since it was in the way: nobody else claims meanwhile, so what is in the way now is the limit.
      if (known === undefined && (await tryToClaim())) return { state: 'claimed' }
      if (known === undefined) return { state: 'full', limit: 'idempotencyKeysPerUser' }
      if (known.input_digest !== key.inputDigest) return { state: 'reused' }
      if (known.confirmed) return { state: 'started', run: toRecord(key.ownerKey, known) }
      // The node that claimed it is gone, and its run was never queued: nobody was told of the run, and nobody ends it.
      if (known.is_late) await release(client, key.ownerKey, key.digest, known.run_id)
      return undefined
    }
    return asOwner(postgres.service, key.ownerKey, claim, keeping)
  }
  const decide = async (sql: string, { ownerKey, digest }: StartKey, { runId }: RunRecord): Promise<void> =>
    void (await asOwner(postgres.service, ownerKey, (client) => client.query(sql, [ownerKey, digest, runId]), keeping))

  const store: StartKeyStore = Object.freeze({
    claim: async (key: StartKey, run: RunRecord) => {
      for (;;) {
        const claim = await tryClaim(key, run)
        // Whoever is told of the run may rely on it: the node that queued it may still wait for the disk.
        if (claim?.state === 'started') await untilDurable(postgres.service)
        if (claim !== undefined) return claim
        await pause(lookMs)
      }
    },
    confirm: (key: StartKey, run: RunRecord) => decide(confirmSql, key, run),
    release: ({ ownerKey, digest }: StartKey, { runId }: RunRecord) =>
      asOwner(postgres.service, ownerKey, (client) => release(client, ownerKey, digest, runId)),
  })
  markKeyStore(store, postgres)
  return store
}

/**
 * Frees a key, and forgets the run that was filed for it and not queued: whoever asks again with the key starts
 * another, and the user would have one that nobody was told of. In this order: a start that is only slow queues its run
 * before, and keeps its key, or finds its run gone, and does not queue it.
 */
async function release(client: PoolClient, ownerKey: string, digest: string, runId: string): Promise<void> {
  await client.query(forgetSql, [ownerKey, digest, runId])
  await client.query(releaseSql, [ownerKey, digest, runId])
}

// For this transaction. Two owners whose digests are equal wait for each other, and nothing else comes of it.
const lockSql = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('uec.start_keys ' || $1, 0))"

// Keys of runs that are held no more, a day old and more, make room.
const claimSql = `
  WITH old AS (
    DELETE FROM uec.start_keys AS k
    WHERE owner_key = $1 AND claimed_at < clock_timestamp() - interval '1 day'
      AND NOT EXISTS (SELECT FROM uec.runs AS r WHERE r.owner_key = k.owner_key AND r.run_id = k.run_id)
  )
  INSERT INTO uec.start_keys
    (owner_key, digest, input_digest, run_id, thread_id, request_id, created_at_ms)
  SELECT $1, $2, $3, $4, $5, $6, $7
  WHERE (SELECT count(*) FROM uec.start_keys WHERE owner_key = $1) < $8
  ON CONFLICT DO NOTHING`

const confirmSql = 'UPDATE uec.start_keys SET confirmed = true WHERE owner_key = $1 AND digest = $2 AND run_id = $3'
// Of a start that failed. One whose answer was lost may have queued its run all the same, and keeps its key.
const releaseSql = `
  DELETE FROM uec.start_keys AS k
  WHERE owner_key = $1 AND digest = $2 AND run_id = $3 AND NOT confirmed AND NOT ${isQueued}`
// Of a confirmed start it forgets nothing: a queue elsewhere has the run, and the database does not know of it.
const forgetSql = `
  DELETE FROM uec.runs WHERE owner_key = $1 AND run_id = $3 AND start_data IS NULL AND opened_at IS NULL
    AND EXISTS (
      SELECT FROM uec.start_keys WHERE owner_key = $1 AND digest = $2 AND run_id = $3 AND NOT confirmed
    )`
