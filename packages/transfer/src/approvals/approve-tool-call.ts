/**
 * The approval of one call of a tool, by a person.
 */
import { requireContext, type UserExecutionContext } from 'user-execution-context'
import type { Sealer } from '../keys/sealer.ts'
import { sealContext } from '../seal-context.ts'
import { invalidOption } from '../text/refused.ts'
import { ownOptions } from '../text/own-options.ts'
import { approvalPurpose, assertApprover, toApprovalBinding, type ToolCall } from './approval.ts'

/** Options of {@link approveToolCall}. */
export type ApproveOptions = {
  readonly sealer: Sealer
  /** Who makes the call. As in sealContext(). */
  readonly audience: string
  /** How long the approval is good for, milliseconds. */
  readonly ttlMs: number
  /** The run that asks, as it was shown to the person. */
  readonly runId: string
  /** The call that was shown to the person, and no other. */
  readonly call: ToolCall
}

/**
 * Approves one call of a tool, once: this run, this tool, these bytes. Call it where the person answers, with the
 * context of their own request. A context in which an agent acts approves nothing, and neither does one of the run
 * that asks.
 *
 * @param approver - The live context of the person who approves.
 * @param options - The sealer, and the call.
 * @returns The approval as text, for openApproval().
 * @throws {ContextError} `ERR_CONTEXT_SEAL_APPROVER`, and what sealContext() rejects with. All of them reject.
 * @example
 * ```ts
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { approveToolCall, type Sealer, type ToolCall } from '@user-execution-context/transfer'
 *
 * export const approve = (approver: UserExecutionContext, sealer: Sealer, runId: string, call: ToolCall) =>
 *   approveToolCall(approver, { sealer, audience: 'agents', ttlMs: 600_000, runId, call })
 * ```
 */
export const approveToolCall: (approver: UserExecutionContext, options: ApproveOptions) => Promise<string> = async (
  approver,
  options,
) => {
  requireContext(approver)
  const { runId, call, ...sealing } = ownOptions(options)
  if (typeof runId !== 'string' || runId === '') throw invalidOption('runId', 'does not fit')
  assertApprover(approver, runId)
  const bind = toApprovalBinding(runId, call)
  return sealContext(approver, { ...sealing, purpose: approvalPurpose, once: true, bind })
}
