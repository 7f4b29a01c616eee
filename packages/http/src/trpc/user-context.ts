/**
 * The middleware for tRPC.
 */
import type { ServerResponse } from 'node:http'
import type { TRPCError, TRPCMiddlewareFunction } from '@trpc/server'
import { isContextError, openScope } from 'user-execution-context'
import type { ContextError, Scope, UserExecutionContext } from 'user-execution-context'
import { toContextMaker, type RequestIdentity } from '../context-from-request.ts'
import { assertPeerVersion } from '../peers/peer-version.ts'
import type { AnyRequest } from '../request/any-request.ts'
import { noScope } from '../scopes/node-scope.ts'
import { scopeOptionKeys, toCleanupListener, type UserContextOptions } from '../scopes/scope-options.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { closeWithIdentity } from './close-with-identity.ts'
import { toTrpcError } from './format-context-errors.ts'
import { oncePerRequest, takesParts, type TrpcRequestContext } from './once-per-request.ts'
import { isStream, partsOfScope, streamOfScope, type StreamCall } from './stream-of-scope.ts'

/** What the middleware adds to `ctx`: the user's context, and the scope of this call. */
export type TrpcUserContext = { readonly userContext: UserExecutionContext; readonly userScope: Scope }

/**
 * Middleware for tRPC 11: verifies the user of each request, once for all calls of a batch, and gives a procedure
 * `ctx.userContext` and `ctx.userScope`, the scope of this call. It closes when the procedure has answered or its
 * stream has ended, and aborts when the client has gone or the identity ends; a stream stops then. A procedure without
 * the middleware does not compile when it reads `ctx.userContext`. Errors are TRPCErrors with a fixed message. Over
 * WebSockets a connection has the user who opened it, and is closed with 4401 when that identity ends.
 *
 * @param identity - What identityProvider() gave; its credentials are a text.
 * @param options - `token`, `run`, `ambient`, `onCleanupError`, all optional.
 * @returns Middleware for `.use()`. The root context must have the request as `req`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import { initTRPC } from '@trpc/server'
 * import { identityProvider } from 'user-execution-context'
 * import { formatContextErrors, userContext, type TrpcRequestContext } from '@user-execution-context/http/trpc'
 *
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
 * })
 * const t = initTRPC.context<TrpcRequestContext>().create({ errorFormatter: formatContextErrors })
 * const userProcedure = t.procedure.use(userContext(identity))
 *
 * export const router = t.router({ run: userProcedure.query(({ ctx }) => ctx.userContext.runId) })
 * ```
 */
export const userContext: (
  identity: RequestIdentity,
  options?: UserContextOptions<AnyRequest>,
  // No alias of our own: tRPC infers what a middleware adds from the arguments of this one. `req` alone: it drops the
  // question marks of the others.
) => TRPCMiddlewareFunction<Pick<TrpcRequestContext, 'req'>, unknown, object, TrpcUserContext, unknown> = (
  identity,
  options = {},
) => {
  assertPeerVersion('@trpc/server')
  const toContext = oncePerRequest(toContextMaker<AnyRequest>(identity, options, scopeOptionKeys))
  const onCleanupError = toCleanupListener(options)
  const { ambient } = options

  return async ({ ctx, next, signal }) => {
    const fail = (error: unknown, scope?: Scope): unknown => {
      const failure = toFailure(error, scope)
      return isContextError(failure) ? answer(failure, ctx) : error
    }
    const scope = await openCall(() => toContext(ctx), signal, fail)
    closeWithIdentity(scope.context, (ctx as TrpcRequestContext).res)
    const close = (): void => void scope.close().catch(onCleanupError)
    const enter = <Result>(step: () => Result): Result =>
      ambient === undefined ? step() : ambient(scope.context, step)
    let isStreaming = false
    try {
      const result = await enter(() => next({ ctx: { userContext: scope.context, userScope: scope } }))
      if (!result.ok) {
        const failure = fail(result.error.cause, scope)
        if (failure !== result.error.cause) throw failure
        return result
      }
      if (isObservable(result.data)) throw answer(noScope(noObservable), ctx)
      const toStream = takesParts(ctx) ? partsOfScope : streamOfWhole
      const data = toStream(result.data, scope, { enter, close, fail })
      if (data === undefined) return result
      isStreaming = true
      // A client that left before the first step: a generator that never began runs no finally.
      scope.signal.addEventListener('abort', close, { once: true })
      return { ...result, data }
    } finally {
      if (!isStreaming) close()
    }
  }
}

async function openCall(
  toContext: () => Promise<UserExecutionContext>,
  signal: AbortSignal | undefined,
  fail: (error: unknown) => unknown,
): Promise<Scope> {
  try {
    return openScope(await toContext(), { signal })
  } catch (error) {
    throw fail(error)
  }
}

function streamOfWhole(data: unknown, scope: Scope, call: StreamCall): unknown {
  return isStream(data) ? streamOfScope(data, scope, call) : undefined
}

/** The error for tRPC; its headers go to the response, which a TRPCError does not reach. */
function answer(error: ContextError, { res, resHeaders }: TrpcRequestContext): TRPCError {
  const response = res as Partial<ServerResponse> | undefined
  for (const [name, value] of Object.entries({ 'cache-control': 'no-store', ...error.headers })) {
    resHeaders?.set(name, value)
    if (response?.headersSent === false) response.setHeader?.(name, value)
  }
  return toTrpcError(error)
}

function isObservable(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'subscribe' in data && typeof data.subscribe === 'function'
}

const noObservable =
  'An observable goes on when the identity of its user has ended. Write the subscription as an async generator.'
