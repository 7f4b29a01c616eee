/**
 * The plugin for Fastify, and handlers that cannot run without it.
 */
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
  RouteHandlerMethod,
} from 'fastify'
import { assertLive, type Scope } from 'user-execution-context'
import { toContextMaker, type RequestIdentity } from '../context-from-request.ts'
import { assertPeerVersion } from '../peers/peer-version.ts'
import type { NodeRequest } from '../request/any-request.ts'
import type { KeptRequest } from '../scopes/kept-requests.ts'
import { enterRequest, findKeptBy, scopeOfKept } from '../scopes/node-scope.ts'
import { contained, scopeOptionKeys, toCleanupListener, type UserContextOptions } from '../scopes/scope-options.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { invalidOptions } from '../strategies/token-strategy.ts'
import { answerContextError } from './answer-context-error.ts'
import { guardEarlyRoutes } from './early-routes.ts'
import { noPlugin } from './scope-of.ts'

/** Options of the plugin. `token` and `run` get the request of Node, which Fastify has as `request.raw`. */
export type FastifyUserContextOptions = UserContextOptions<NodeRequest> & {
  /**
   * Whether the plugin sets an error handler for errors of this package. Default true: the handler of Fastify would
   * send their message, which is for the developer. All other errors go on to the handler that was there before.
   */
  readonly answerErrors?: boolean | undefined
}

/** The plugin, and the maker of handlers that need it. */
export type FastifyUserContext = FastifyPluginCallback & {
  /**
   * Makes a handler of Fastify from one that takes the scope too. It is refused where the plugin was not registered,
   * so it never runs without a context.
   */
  readonly handler: <Route extends RouteGenericInterface = RouteGenericInterface>(
    handle: (request: FastifyRequest<Route>, reply: FastifyReply<Route>, scope: Scope) => unknown,
  ) => RouteHandlerMethod<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, Route>
}

/**
 * A plugin for Fastify 5: verifies the user of each request before its body is read (`onRequest`), opens the scope of
 * the request, closes it when the response has ended or the client has gone, and answers errors of this package with
 * what a client may be told. It holds for the routes of the scope that it is registered in, and of those below.
 *
 * @param identity - What identityProvider() gave; its credentials are a text.
 * @param options - `token`, `run`, `ambient`, `onCleanupError`, `answerErrors`, all optional. Cleanups that fail are
 *   told to the logger of the request by default.
 * @returns A plugin for `app.register()`, with `handler()` for handlers that take the scope.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { identityProvider } from 'user-execution-context'
 * import { userContext } from '@user-execution-context/http/fastify'
 *
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
 * })
 * const users = userContext(identity)
 *
 * export const app = Fastify()
 * app.register(users)
 * app.get(
 *   '/run',
 *   users.handler((_request, _reply, { context }) => ({ run: context.runId })),
 * )
 * ```
 */
export const userContext: (identity: RequestIdentity, options?: FastifyUserContextOptions) => FastifyUserContext = (
  identity,
  options = {},
) => {
  assertPeerVersion('fastify')
  const toContext = toContextMaker<NodeRequest>(identity, options, [...scopeOptionKeys, 'answerErrors'])
  const told = toCleanupListener(options)
  const { ambient, answerErrors = true } = options

  // Calls back, because an async hook would make two promises more for each request.
  const enter = ({ raw, log }: FastifyRequest, reply: FastifyReply, proceed: HookHandlerDoneFunction): void => {
    if (findKeptBy(raw, toContext) !== undefined) return proceed()
    const report = options.onCleanupError === undefined ? (error: unknown): void => tellLog(log, error) : told
    toContext(raw)
      .then((context) => void enterRequest(raw, reply.raw, context, toContext, report))
      .then(proceed, proceed)
  }

  const plugin = (app: FastifyInstance, _options: object, done: () => void): void => {
    const guard = answerErrors ? guardEarlyRoutes(app) : undefined
    if (guard !== undefined) app.addHook('onRequest', guard)
    app.addHook('onRequest', enter)
    if (ambient !== undefined) {
      // Not in onRequest: the end of the body is told in another async context, which is that of the connection.
      app.addHook('preValidation', (request, _reply, next) => {
        ambient(findKeptBy(request.raw, toContext)!.context, next)
      })
    }
    // The body has come: who was signed out while it was under way begins nothing, whatever the handler asks.
    app.addHook('preHandler', ({ raw }, _reply, next) => next(findEnd(findKeptBy(raw, toContext))))
    if (answerErrors) app.setErrorHandler(answerContextError)
    done()
  }
  const handler: FastifyUserContext['handler'] = (handle) => {
    if (typeof handle !== 'function') throw invalidOptions([{ path: 'handle', kind: 'not a function' }])
    const run = (request: FastifyRequest, reply: FastifyReply): unknown => {
      const kept = findKeptBy(request.raw, toContext)
      if (kept === undefined) throw noPlugin()
      const scope = scopeOfKept(kept)
      try {
        const answer = handle(request as never, reply as never, scope)
        // An answer that is there needs no promise.
        return isThenable(answer) ? settle(answer, scope) : answer
      } catch (error) {
        throw toFailure(error, scope)
      }
    }
    // What a route answers is typed by its schema, which only the caller knows.
    return run as never
  }
  return Object.assign(plugin, { ...asPartOfItsParent, handler })
}

/** Made only where a cleanup fails, and not for each request. */
function tellLog(log: FastifyRequest['log'], error: unknown): void {
  contained((one) => log.error(one))(error)
}

/** Why the identity of a request has ended, if it has. */
function findEnd(kept: KeptRequest | undefined): Error | undefined {
  try {
    if (kept !== undefined) assertLive(kept.context)
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** A promise, or the reply itself, which is a thenable of Fastify. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

async function settle(answer: PromiseLike<unknown>, scope: Scope): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    throw toFailure(error, scope)
  }
}

/** What fastify-plugin sets: hooks of the plugin hold for the scope that registers it, and Fastify knows its name. */
const asPartOfItsParent = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@user-execution-context/http',
  [Symbol.for('plugin-meta')]: { name: '@user-execution-context/http', fastify: '>=5' },
}
