/**
 * What a worker is told when it claims.
 */
import type { CancelReason, RunKey } from '@user-execution-context/golden-path'

/** A row of uec.claim(). */
export type ClaimRow = {
  readonly kind: 'claimed' | 'held'
  readonly owner_key: string
  readonly run_id: string
  readonly thread_id: string
  readonly request_id: string
  /** When the run was filed, milliseconds since the epoch. */
  readonly created_at_ms: string
  readonly epoch: number
  readonly last_sequence: string
  readonly sealed_context: string
  readonly start_data: string
  /** How often the job was claimed, this time included. */
  readonly attempts: number
  readonly cancel_reason: CancelReason | null
}

/** Which run a row is of. */
export const toRunKey = ({ owner_key: ownerKey, run_id: runId }: ClaimRow): RunKey => ({
  ownerKey,
  runId: runId as RunKey['runId'],
})
