/**
 * The approval of one call of a tool, by a person.
 */
import { assertLive, requireContext, toOwnerDigest, type UserExecutionContext } from 'user-execution-context'
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
  /**
   * Whose run it is, where it is not a run of the approver: `toOwnerDigest(context, 'tool-call-approval')` of the run
   * that asks, as it was shown. 64 hex digits. Default: the approver's own.
   */
  readonly runOwner?: string
  /** The call that was shown to the person, and no other. */
  readonly call: ToolCall
}

/**
 * Approves one call of a tool, once: this run of this user, this tool, these bytes. Call it where the person answers,
 * with a context of their own request: `createForUser(user)`, without the thread of the run. What is no request of a
 * person approves nothing: a context in which an actor acts, a child, an opened or a vouched one, one of the run or of
 * the thread that asks.
 *
 * Whether a person or a program sent the request is known only as far as the proof of identity says it: an agent that
 * holds the user's own token is the user here. Give agents tokens with `act`, and their runs an actor.
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
  assertLive(approver)
  const own = ownOptions(options)
  const { runId, runOwner = toOwnerDigest(approver, approvalPurpose), call, ...sealing } = own
  if (typeof runId !== 'string' || runId === '') throw invalidOption('runId', 'does not fit')
  // Given and undefined is a variable that was never set.
  const isSet = own.runOwner !== undefined || !Object.hasOwn(own, 'runOwner')
  if (!isSet || !isDigest(runOwner)) throw invalidOption('runOwner', 'does not fit')
  assertApprover(approver, runId)
  const bind = toApprovalBinding({ runOwner, runId }, call)
  return sealContext(approver, { ...sealing, purpose: approvalPurpose, once: true, bind })
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}
