/**
 * The scope of a request of Node: it opens when the user is verified, and closes when the response has ended or the
 * client has gone.
 */
import type { EventEmitter } from 'node:events'
import { ContextError, openScope, type Scope, type UserExecutionContext } from 'user-execution-context'

/** A response of Node, of HTTP/1 or HTTP/2. */
export type NodeResponse = Pick<EventEmitter, 'once' | 'off'> & {
  readonly closed: boolean
  readonly destroyed: boolean
}

/** Which request has which scope. No property: what is copied from one request to another must take no user along. */
const scopes = new WeakMap<object, Scope>()

/**
 * Opens the scope of a request. Its `close` listener is there before the identity is checked: a client can leave
 * meanwhile.
 *
 * @param request - The key under which findScope() finds it.
 * @throws What `toContext` and openScope() throw; `ERR_CONTEXT_SCOPE_CLOSED` when the client has gone.
 */
export const openNodeScope = async <Incoming extends object>(
  request: Incoming,
  response: NodeResponse,
  toContext: (request: Incoming) => Promise<UserExecutionContext>,
  onCleanupError: (error: unknown) => void,
): Promise<Scope> => {
  let scope: Scope | undefined
  let isOver = response.closed || response.destroyed
  const end = (): void => {
    isOver = true
    scope?.close().catch(onCleanupError)
  }
  response.once('close', end)
  try {
    const context = await toContext(request)
    if (isOver) throw gone()
    scope = openScope(context)
    scopes.set(request, scope)
    return scope
  } catch (error) {
    response.off('close', end)
    throw error
  }
}

/** Keeps a scope that was opened elsewhere. */
export const keepScope = (request: object, scope: Scope): void => void scopes.set(request, scope)

/** The scope of a request, or undefined. */
export const findScope = (request: object): Scope | undefined => scopes.get(request)

/**
 * The error for a request that has no scope.
 *
 * @param fix - How the framework is told to open one.
 */
export const noScope = (fix: string): ContextError => new ContextError('ERR_CONTEXT_NOT_ISSUED', { fix })

const gone = (): ContextError =>
  new ContextError('ERR_CONTEXT_SCOPE_CLOSED', { fix: 'The client left before its user was verified: nothing began.' })
