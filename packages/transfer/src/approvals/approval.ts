/**
 * What an approval is bound to, and who may give one.
 */
import { ContextError, type UserExecutionContext } from 'user-execution-context'
import { ownOptions } from '../text/own-options.ts'
import { invalidOption } from '../text/refused.ts'

/** The purpose of all approvals: no text for anything else is one. */
export const approvalPurpose = 'tool-call-approval'

/** One call of a tool, as it will be made. */
export type ToolCall = {
  /** 1 to 256 characters. */
  readonly tool: string
  /** The exact bytes of the arguments. The tool runs from them: see parseBoundJson(). */
  readonly arguments: Uint8Array
}

const encoder = new TextEncoder()

/** The parts that an approval is bound to: the run, the tool, the arguments. */
export const toApprovalBinding = (runId: string, call: ToolCall): readonly Uint8Array[] => {
  const { tool, arguments: bytes } = ownOptions(call)
  if (typeof tool !== 'string' || tool === '' || tool.length > 256) throw invalidOption('call.tool', 'does not fit')
  if (!(bytes instanceof Uint8Array)) throw invalidOption('call.arguments', 'does not fit')
  return [encoder.encode(runId), encoder.encode(tool), bytes]
}

/**
 * Refuses who cannot approve: a context in which anybody acts for the user, a program, and the run that asks, whose
 * agent would approve itself.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_APPROVER`.
 */
export const assertApprover = (approver: UserExecutionContext, runId: string): void => {
  const { actors, identity } = approver
  if (actors.length > 0 || identity.kind !== 'person' || approver.runId === runId)
    throw new ContextError('ERR_CONTEXT_SEAL_APPROVER')
}
