/**
 * Files a run and queues its job in one statement. It claims the key of the start too, and the job for the worker of
 * this process, where that has a slot and nobody waits.
 */
import { ContextError, toOwnerKey } from 'user-execution-context'
import type { RunJob, RunRecord, StartKey } from '@user-execution-context/golden-path'
import { isShardPool } from '../connection/shard-pool.ts'
import { isTransient } from '../connection/transient.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import { toRecord, type RecordRow } from '../log/run-record.ts'
import type { ClaimRow } from './claim-row.ts'
import type { FilingSlot } from './filing-jobs.ts'
import type { PostgresRunQueueOptions } from './queue-options.ts'

/**
 * What became of a job: this worker has it, it waits, or its owner has too many that wait. Or what keeps its key from
 * it: the run that the key has started, another input, a start that is not decided, too many keys.
 */
export type FiledJob =
  | { readonly state: 'claimed'; readonly firstEvent: string }
  | { readonly state: 'queued' | 'full' | 'reused' | 'undecided' | 'no key' }
  | { readonly state: 'started'; readonly run: RunRecord }

type Row = RecordRow & { readonly state: FiledJob['state']; readonly first_event: string }

/** The job of a context, as the worker of its process would claim it. */
export const toFiledRow = ({ context, input, queuedAtMs }: RunJob, sealed: string): ClaimRow => ({
  kind: 'claimed',
  owner_key: toOwnerKey(context),
  run_id: context.runId,
  thread_id: context.threadId,
  request_id: context.requestId,
  created_at_ms: String(queuedAtMs ?? Date.now()),
  epoch: 1,
  last_sequence: '1',
  sealed_context: sealed,
  start_data: JSON.stringify({ input: { text: input.text } }),
  attempts: 1,
  cancel_reason: null,
})

/**
 * Files a job.
 *
 * @param slot - Of the worker of this process. Undefined: the job waits.
 * @param key - Of an idempotent start.
 * @throws {ContextError} `ERR_CONTEXT_RUN_EXISTS`, `ERR_CONTEXT_DATABASE_UNAVAILABLE`.
 */
export const fileRun = async (
  row: ClaimRow,
  slot: FilingSlot | undefined,
  key: StartKey | undefined,
  { postgres, limits, leaseMs = 15_000 }: PostgresRunQueueOptions,
): Promise<FiledJob> => {
  const pool = slot === undefined ? postgres.service : postgres.worker
  try {
    const { rows } = await queryDatabase<Row>(pool, {
      name: 'uec-file-run',
      text: 'SELECT * FROM uec.file_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)',
      values: [
        ...[row.owner_key, isShardPool(pool), row.run_id, row.thread_id, row.request_id, row.created_at_ms],
        ...[row.sealed_context, row.start_data, limits.queuedRunsPerUser, limits.concurrentRunsPerUser],
        ...[slot?.claimer ?? null, leaseMs],
        ...[key?.digest ?? null, key?.inputDigest ?? null, limits.idempotencyKeysPerUser],
      ],
    })
    const [filed] = rows as [Row]
    const { state } = filed
    if (state === 'claimed') return { state, firstEvent: filed.first_event }
    slot?.free()
    return state === 'started' ? { state, run: toRecord(row.owner_key, filed) } : { state }
  } catch (error) {
    // It may be there all the same: only its answer was lost.
    if (isTransient(error)) slot?.doubt()
    else slot?.free()
    throw isRunThere(error) ? new ContextError('ERR_CONTEXT_RUN_EXISTS') : error
  }
}

function isRunThere(error: unknown): boolean {
  const { code, constraint } = error as { readonly code?: unknown; readonly constraint?: unknown }
  return code === '23505' && constraint === 'runs_pkey'
}
