/**
 * A run as a row of the database has it.
 */
import type { RequestId, RunId, ThreadId } from 'user-execution-context'
import type { RunRecord } from '@user-execution-context/golden-path'

/** The columns of a run. */
export type RecordRow = {
  readonly run_id: string
  readonly thread_id: string
  readonly request_id: string
  /** A bigint, which the driver gives as text. */
  readonly created_at_ms: string
}

/** The columns, for a statement. */
export const recordColumns = 'run_id, thread_id, request_id, created_at_ms'

/** The record of a row. What is in the database was checked when it was written. */
export const toRecord = (ownerKey: string, row: RecordRow): RunRecord => ({
  ownerKey,
  runId: row.run_id as RunId,
  threadId: row.thread_id as ThreadId,
  requestId: row.request_id as RequestId,
  createdAtMs: Number(row.created_at_ms),
})
