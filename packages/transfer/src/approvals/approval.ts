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

/** The run that an approval is for. An id of a run is no proof of whose run it is, so its owner is part of it. */
export type ApprovedRun = {
  /** `toOwnerDigest(context, 'tool-call-approval')`. */
  readonly runOwner: string
  readonly runId: string
}

/** The parts that an approval is bound to: the run and its owner, the tool, the arguments. */
export const toApprovalBinding = ({ runOwner, runId }: ApprovedRun, call: ToolCall): readonly Uint8Array[] => {
  const { tool, arguments: bytes } = ownOptions(call)
  if (typeof tool !== 'string' || tool === '' || tool.length > 256) throw invalidOption('call.tool', 'does not fit')
  if (!(bytes instanceof Uint8Array)) throw invalidOption('call.arguments', 'does not fit')
  // As one list of strings: an id of digits would be read as a number by itself.
  return [encoder.encode(JSON.stringify([runOwner, runId, tool])), bytes]
}

/**
 * Refuses who cannot approve. A person approves in a request of their own: one that nobody acts in, that no code
 * vouched for, that is no step of another and has no exemption, and that is not the run that asks. The attack it stops:
 * an agent that approves its own call, or that of another agent of the same user.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_APPROVER`.
 */
export const assertApprover = ({ actors, identity, depth, runId }: Approver, run: string): void => {
  if (actors.length > 0 || identity.kind !== 'person' || identity.provider === vouched) throw notApprover()
  if (depth !== 0 || identity.outlives !== undefined || runId === run) throw notApprover()
}

/**
 * The same of a context that was opened: it is one step below the one that approved. What approved in the conversation
 * of the run is refused too: another run of it.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_APPROVER`.
 */
export const assertOpenedApprover = (approver: UserExecutionContext, acting: UserExecutionContext): void => {
  const { origin, ...identity } = approver.identity
  if (origin === undefined || approver.threadId === acting.threadId) throw notApprover()
  const sealed = { actors: approver.actors, runId: approver.runId, depth: origin.depth }
  assertApprover({ ...sealed, identity: { ...identity, provider: origin.provider } }, acting.runId)
}

/** The error that says so. */
export const notApprover = (): ContextError => new ContextError('ERR_CONTEXT_SEAL_APPROVER')

type Approver = Pick<UserExecutionContext, 'actors' | 'depth' | 'runId'> & {
  readonly identity: Omit<UserExecutionContext['identity'], 'origin'>
}

/** What vouchForUser() is named in `identity`: no provider can have the name. */
const vouched = 'vouched'
