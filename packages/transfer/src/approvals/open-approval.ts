/**
 * The use of an approval, by the run that asked for it.
 */
import {
  assertLive,
  requireContext,
  toOwnerDigest,
  toOwnerKey,
  type UserExecutionContext,
} from 'user-execution-context'
import type { Opener } from '../keys/sealer.ts'
import type { LivenessOptions } from '../open-options.ts'
import { unsealText } from '../unseal-text.ts'
import type { ReplayMemory } from '../replay/replay-memory.ts'
import { invalidOption } from '../text/refused.ts'
import { ownOptions } from '../text/own-options.ts'
import { approvalPurpose, assertOpenedApprover, notApprover, toApprovalBinding, type ToolCall } from './approval.ts'

/** Options of {@link openApproval}. */
export type OpenApprovalOptions = {
  readonly opener: Opener
  /** As it was given to approveToolCall(). */
  readonly audience: string
  /** The context that makes the call: of the run that was approved. */
  readonly acting: UserExecutionContext
  /** The call that will be made. */
  readonly call: ToolCall
  readonly replay: ReplayMemory
  /** Names this attempt, as in openSealed(). */
  readonly attemptKey?: string
  /**
   * Whether somebody else than the user of the run may approve it: asked before the text is used up. Such an approval
   * names the owner of the run (`runOwner`). Default: nobody else.
   */
  readonly mayApprove?: ((approver: UserExecutionContext) => boolean | Promise<boolean>) | undefined
} & LivenessOptions

/**
 * Opens an approval right before the call is made: for this run, this tool and these bytes, once, and given by a person
 * who is still signed in.
 *
 * @param text - From approveToolCall().
 * @param options - The run that acts, the call, and how identity and use are checked.
 * @returns The context of the person who approved, for the audit trail. Make the call with the context of the run.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_APPROVER`, and what openSealed() rejects with. All of them reject.
 * @example
 * ```ts
 * import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
 * import { openApproval, type Opener, type ReplayMemory, type ToolCall } from '@user-execution-context/transfer'
 *
 * type Parts = { readonly opener: Opener; readonly replay: ReplayMemory; readonly sessions: LiveSessions }
 * export const approverOf = (text: string, acting: UserExecutionContext, call: ToolCall, parts: Parts) =>
 *   openApproval(text, { ...parts, audience: 'agents', acting, call })
 * ```
 */
export const openApproval: (text: string, options: OpenApprovalOptions) => Promise<UserExecutionContext> = async (
  text,
  options,
) => {
  const { acting, call, mayApprove, ...opening } = ownOptions(options)
  requireContext(acting)
  assertLive(acting)
  if (mayApprove !== undefined && typeof mayApprove !== 'function') throw invalidOption('mayApprove', 'not a function')
  const run = { runOwner: toOwnerDigest(acting, approvalPurpose), runId: acting.runId }
  const bind = toApprovalBinding(run, call)
  return unsealText(text, { ...opening, purpose: approvalPurpose, bind }, async (approver) => {
    assertOpenedApprover(approver, acting)
    const isOwn = toOwnerKey(approver) === toOwnerKey(acting)
    if (!isOwn && (await mayApprove?.(approver)) !== true) throw notApprover()
    // A rule takes its time: who has signed out meanwhile approves nothing.
    assertLive(approver)
    assertLive(acting)
  })
}
