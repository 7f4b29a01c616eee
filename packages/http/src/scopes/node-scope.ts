/**
 * The scope of a request of Node: it opens when somebody needs it, once the user is verified, and closes when the
 * response has ended or the client has gone.
 */
import type { EventEmitter } from 'node:events'
import { ContextError, openScope, type Scope, type UserExecutionContext } from 'user-execution-context'
import { findKept, keep, scopeOfKept, type KeptRequest } from './kept-requests.ts'

/** A response of Node, of HTTP/1 or HTTP/2. */
export type NodeResponse = Pick<EventEmitter, 'once'> & {
  readonly closed?: boolean
  readonly destroyed?: boolean
  /** Of HTTP/2, whose response does not say itself that it is over. */
  readonly stream?: { readonly destroyed: boolean } | undefined
}

/**
 * Verifies the user of a request and keeps the context for it.
 *
 * @param request - The key under which findContext() and findScope() find it.
 * @param toContext - Verifies the user, and is the key under which findKeptBy() finds it.
 * @throws What `toContext` throws; `ERR_CONTEXT_SCOPE_CLOSED` when the client has gone meanwhile.
 */
export const enterRequest = async <Incoming extends object>(
  request: Incoming,
  response: NodeResponse,
  toContext: (request: Incoming) => Promise<UserExecutionContext>,
  onCleanupError: (error: unknown) => void,
): Promise<KeptRequest> => {
  const context = await toContext(request)
  if (isOver(response)) throw gone()
  const open = (): Scope => openNodeScope(context, response, onCleanupError)
  const kept: KeptRequest = { context, by: toContext, open, scope: undefined, before: undefined }
  keep(request, kept)
  return kept
}

/** Keeps a scope that was opened elsewhere. */
export const keepScope = (request: object, scope: Scope): void =>
  keep(request, { context: scope.context, by: undefined, open: () => scope, scope, before: undefined })

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

function openNodeScope(
  context: UserExecutionContext,
  response: NodeResponse,
  onCleanupError: (error: unknown) => void,
): Scope {
  const scope = openScope(context)
  const close = (): void => void scope.close().catch(onCleanupError)
  if (isOver(response)) close()
  else response.once('close', close)
  return scope
}

function isOver({ closed, destroyed, stream }: NodeResponse): boolean {
  return closed === true || destroyed === true || stream?.destroyed === true
}

const gone = (): ContextError =>
  new ContextError('ERR_CONTEXT_SCOPE_CLOSED', { fix: 'The client left before its user was verified: nothing began.' })
