/**
 * The middleware for Express, and handlers that cannot run without it.
 */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { assertLive, type Scope } from 'user-execution-context'
import { toContextMaker, type RequestIdentity } from '../context-from-request.ts'
import { assertPeerVersion } from '../peers/peer-version.ts'
import type { KeptRequest } from '../scopes/kept-requests.ts'
import { enterRequest, findKeptBy, scopeOfKept } from '../scopes/node-scope.ts'
import { scopeOptionKeys, toCleanupListener, type UserContextOptions } from '../scopes/scope-options.ts'
import { toError } from '../scopes/to-error.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { invalidOptions } from '../strategies/token-strategy.ts'

/**
 * A handler that gets the scope of its request in the place of `next`: `scope.context` is the user's context. In this
 * order, because a handler that takes the scope first would pass for an error handler of Express.
 */
export type ScopedHandler<Params, ResponseBody, RequestBody, Query> = (
  request: Request<Params, ResponseBody, RequestBody, Query>,
  response: Response<ResponseBody>,
  scope: Scope,
) => unknown

/** The middleware, and the maker of handlers that need it. */
export type ExpressUserContext = RequestHandler & {
  /**
   * Makes a handler of Express from one that takes the scope. It verifies the user itself where the middleware does not
   * stand before it, so it never runs without a context. What it throws or rejects with goes to `next`, in Express 4
   * too.
   */
  readonly handler: <
    Params = Request['params'],
    ResponseBody = unknown,
    RequestBody = Request['body'],
    Query = Request['query'],
  >(
    handle: ScopedHandler<Params, ResponseBody, RequestBody, Query>,
  ) => RequestHandler<Params, ResponseBody, RequestBody, Query>
}

/**
 * Middleware for Express 4 and 5: verifies the user of each request, opens the scope of the request, and closes it when
 * the response has ended or the client has gone. A request without a user goes to the error handlers of the app, with
 * status and headers on the error: put answerContextErrors() after the routes.
 *
 * @param identity - What identityProvider() gave; its credentials are a text.
 * @param options - `token`, `run`, `ambient`, `onCleanupError`, all optional.
 * @returns Middleware for `app.use()` or for a route, with `handler()` for handlers that take the scope.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import express from 'express'
 * import { identityProvider } from 'user-execution-context'
 * import { answerContextErrors, userContext } from '@user-execution-context/http/express'
 *
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
 * })
 * const users = userContext(identity)
 *
 * export const app = express()
 * app.get(
 *   '/threads/:id',
 *   users.handler((request, response, { context }) => {
 *     response.json({ thread: request.params.id, run: context.runId })
 *   }),
 * )
 * app.use(answerContextErrors())
 * ```
 */
export const userContext: (identity: RequestIdentity, options?: UserContextOptions<Request>) => ExpressUserContext = (
  identity,
  options = {},
) => {
  assertPeerVersion('express')
  const toContext = toContextMaker<Request>(identity, options, scopeOptionKeys)
  const onCleanupError = toCleanupListener(options)
  const { ambient } = options

  // Plain arguments, and no function that is made for each request.
  const pass = (
    kept: KeptRequest,
    request: Request,
    response: Response,
    next: NextFunction,
    handle: AnyHandler | undefined,
  ): void => {
    if (ambient === undefined) return proceed(kept, request, response, next, handle)
    try {
      ambient(kept.context, () => proceed(kept, request, response, next, handle))
    } catch (error) {
      next(toError(error))
    }
  }
  const open = async (
    request: Request,
    response: Response,
    next: NextFunction,
    handle: AnyHandler | undefined,
  ): Promise<void> => {
    try {
      const context = await toContext(request)
      pass(enterRequest(request, response, context, toContext, onCleanupError), request, response, next, handle)
    } catch (error) {
      // An error always: toContext() rejects with no other value.
      next(error)
    }
  }
  const enter = (request: Request, response: Response, next: NextFunction, handle: AnyHandler | undefined): void => {
    const known = findKeptBy(request, toContext)
    // A handler behind its middleware costs no promise.
    if (known === undefined) void open(request, response, next, handle)
    else pass(known, request, response, next, handle)
  }

  const middleware: RequestHandler = (request, response, next) => enter(request, response, next, undefined)
  const handler: ExpressUserContext['handler'] = (handle) => {
    if (typeof handle !== 'function') throw invalidOptions([{ path: 'handle', kind: 'not a function' }])
    return (request, response, next) =>
      enter(request as unknown as Request, response as Response, next, handle as unknown as AnyHandler)
  }
  return Object.assign(middleware, { handler })
}

type AnyHandler = (request: Request, response: Response, scope: Scope) => unknown

function proceed(
  kept: KeptRequest,
  request: Request,
  response: Response,
  next: NextFunction,
  handle: AnyHandler | undefined,
): void {
  if (handle === undefined) return next()
  try {
    // A middleware may have opened the scope before a body that came late, and the user may have left since.
    assertLive(kept.context)
    const answer = handle(request, response, scopeOfKept(kept))
    // Most give nothing, or what response.json() gave: neither needs a promise.
    if (answer !== undefined && answer !== response) void settle(answer, kept, next)
  } catch (error) {
    next(toError(toFailure(error, kept.scope)))
  }
}

async function settle(answer: unknown, kept: KeptRequest, next: NextFunction): Promise<void> {
  try {
    await answer
  } catch (error) {
    next(toError(toFailure(error, kept.scope)))
  }
}
