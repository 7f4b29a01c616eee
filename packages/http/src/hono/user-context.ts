/**
 * The middleware for Hono.
 */
import type { Context, MiddlewareHandler } from 'hono'
import type { UserExecutionContext } from 'user-execution-context'
import { toContextMaker, type RequestIdentity } from '../context-from-request.ts'
import { assertPeerVersion } from '../peers/peer-version.ts'
import { findKept } from '../scopes/kept-requests.ts'
import { enterRequest, findOpenScope, type NodeResponse } from '../scopes/node-scope.ts'
import { scopeOptionKeys, toCleanupListener, type UserContextOptions } from '../scopes/scope-options.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { closeWebScope, openWebScope } from './web-scope.ts'

/** What the middleware adds to an app: `c.var.userContext`. */
export type UserContextEnv = { Variables: { readonly userContext: UserExecutionContext } }

/**
 * Middleware for Hono 4: verifies the user of each request, puts the context under `c.var.userContext`, opens the scope
 * of the request, and closes it when the response has ended or the client has gone. Chain it (`new Hono().use(users)`),
 * and a handler before it does not compile when it reads `c.var.userContext`. Errors go to the error handler of the
 * app; the one that Hono has answers errors of this package with what a client may be told.
 *
 * @param identity - What identityProvider() gave; its credentials are a text.
 * @param options - `token`, `run`, `ambient`, `onCleanupError`, all optional.
 * @returns Middleware for `app.use()` or for a route.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { identityProvider } from 'user-execution-context'
 * import { userContext } from '@user-execution-context/http/hono'
 *
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
 * })
 * export const app = new Hono().use(userContext(identity)).get('/run', (c) => c.json({ run: c.var.userContext.runId }))
 * ```
 */
export const userContext: (
  identity: RequestIdentity,
  options?: UserContextOptions<Request>,
) => MiddlewareHandler<UserContextEnv> = (identity, options = {}) => {
  assertPeerVersion('hono')
  const fromRequest = toContextMaker<Request>(identity, options, scopeOptionKeys)
  const toContext = (c: Context): Promise<UserExecutionContext> => fromRequest(c.req.raw)
  const onCleanupError = toCleanupListener(options)
  const { ambient } = options
  return async (c, next) => {
    // In an app that is mounted by route(), c is the same: one user and one run, though this stands there twice.
    if (findKept(c)?.by === toContext) return next()
    const outgoing = outgoingOf(c)
    const scope = outgoing === undefined ? await openWebScope(c, toContext) : undefined
    const context = scope?.context ?? (await toContext(c))
    if (outgoing !== undefined) enterRequest(c, outgoing, context, toContext, onCleanupError)
    c.set('userContext', context)
    let isAnswered = false
    try {
      if (ambient === undefined) await next()
      else await ambient(context, next)
      // Hono has caught what the handler threw. Thrown again, the reason goes to the error handler of the app.
      const failure = toFailure(c.error, findOpenScope(c))
      if (failure !== c.error) throw failure
      isAnswered = c.finalized
    } finally {
      if (scope !== undefined) closeWebScope(c, scope, isAnswered, onCleanupError)
    }
  }
}

/** The response of Node, where Hono runs in @hono/node-server. */
function outgoingOf(c: Context): NodeResponse | undefined {
  return (c.env as { readonly outgoing?: NodeResponse } | undefined)?.outgoing
}
