/**
 * The scope of a request of Node: it opens when somebody needs it, once the user is verified, and closes when the
 * response has ended or the client has gone.
 */
import { ContextError, openScope, type Scope, type UserExecutionContext } from 'user-execution-context'
import { findKept, keep, type KeptRequest, type NodeResponse } from './kept-requests.ts'

export type { NodeResponse }

/**
 * Keeps the context of a request whose user was verified.
 *
 * @param request - The key under which findContext() and findScope() find it.
 * @param context - What `by` resolved to for this request.
 * @param by - What verified the user, and the key under which findKeptBy() finds it.
 * @throws {ContextError} `ERR_CONTEXT_SCOPE_CLOSED` when the client has gone meanwhile.
 */
export const enterRequest = (
  request: object,
  response: NodeResponse,
  context: UserExecutionContext,
  by: unknown,
  onCleanupError: (error: unknown) => void,
): KeptRequest => {
  if (isOver(response)) throw gone()
  const kept: KeptRequest = { context, by, response, onCleanupError, scope: undefined, before: undefined }
  keep(request, kept)
  return kept
}

/** The scope of a request. It is opened the first time: most handlers need their context alone. */
export const scopeOfKept = (kept: KeptRequest): Scope => (kept.scope ??= openNodeScope(kept))

/** Keeps a scope that was opened elsewhere, for what was verified by `by`. */
export const keepScope = (request: object, scope: Scope, by: unknown): void =>
  keep(request, {
    context: scope.context,
    by,
    response: undefined,
    onCleanupError: undefined,
    scope,
    before: undefined,
  })

/** The context of a request, or undefined: the one that was verified last. */
export const findContext = (request: object): UserExecutionContext | undefined => findKept(request)?.context

/** The scope of a request, or undefined. @throws What openScope() throws. */
export const findScope = (request: object): Scope | undefined => {
  const kept = findKept(request)
  return kept === undefined ? undefined : scopeOfKept(kept)
}

/** The scope of a request if somebody has asked for it: nobody else can have been stopped by it. */
export const findOpenScope = (request: object): Scope | undefined => findKept(request)?.scope

/**
 * What was verified for a request by this `toContext`, or undefined: another one, with another identity, has verified
 * nothing for it.
 */
export const findKeptBy = (request: object, toContext: unknown): KeptRequest | undefined => {
  let kept = findKept(request)
  while (kept !== undefined && kept.by !== toContext) kept = kept.before
  return kept
}

/**
 * The error for a request that nobody has verified.
 *
 * @param fix - How the framework is told to.
 */
export const noScope = (fix: string): ContextError => new ContextError('ERR_CONTEXT_NOT_ISSUED', { fix })

function openNodeScope({ context, response, onCleanupError }: KeptRequest): Scope {
  const scope = openScope(context)
  const close = (): void => void scope.close().catch(onCleanupError)
  if (response === undefined || isOver(response)) close()
  // Not once(): a response closes one time only, and to take a listener off Express' response costs more than a scope.
  else response.on('close', close)
  return scope
}

/** Reads `stream` of a response of HTTP/2 only: one of HTTP/1 has none, and to look for it costs most of this. */
function isOver(response: NodeResponse): boolean {
  const { destroyed } = response
  if (destroyed === undefined) return response.closed === true || response.stream?.destroyed === true
  return destroyed || response.closed === true
}

const gone = (): ContextError =>
  new ContextError('ERR_CONTEXT_SCOPE_CLOSED', { fix: 'The client left before its user was verified: nothing began.' })
