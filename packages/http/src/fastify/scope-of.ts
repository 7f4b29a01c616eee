/**
 * The scope and the context of a request of Fastify, for code that gets the request only.
 */
import type { FastifyRequest } from 'fastify'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import { findContext, findScope, noScope } from '../scopes/node-scope.ts'
import { toSafeError } from './answer-context-error.ts'

/**
 * The scope of a request: what closes when its response has ended or its client has gone.
 *
 * @param request - Of a route behind the plugin.
 * @throws {Error} Where the plugin is not registered. Its message tells a client nothing, because Fastify sends it; its
 *   `cause` is `ERR_CONTEXT_NOT_ISSUED` and says what to do.
 * @example
 * ```ts
 * import type { FastifyRequest } from 'fastify'
 * import { scopeOf } from '@user-execution-context/http/fastify'
 *
 * export const signalOf = (request: FastifyRequest): AbortSignal => scopeOf(request).signal
 * ```
 */
export const scopeOf: (request: FastifyRequest) => Scope = (request) => {
  const scope = typeof request?.raw === 'object' ? findScope(request.raw) : undefined
  if (scope === undefined) throw noPlugin()
  return scope
}

/**
 * The context of the user who sent a request.
 *
 * @param request - Of a route behind the plugin.
 * @throws {Error} As scopeOf().
 * @example
 * ```ts
 * import type { FastifyRequest } from 'fastify'
 * import { contextOf } from '@user-execution-context/http/fastify'
 *
 * export const ownerOf = (request: FastifyRequest): string => contextOf(request).userId
 * ```
 */
export const contextOf: (request: FastifyRequest) => UserExecutionContext = (request) => {
  const context = typeof request?.raw === 'object' ? findContext(request.raw) : undefined
  if (context === undefined) throw noPlugin()
  return context
}

/** The error of a request that the plugin did not see. */
export const noPlugin = (): Error =>
  toSafeError(
    noScope(
      'This request has no context: register what userContext(identity) of @user-execution-context/http/fastify ' +
        'gave, in the scope of the route or above it, and use handler() of the same.',
    ),
  )
