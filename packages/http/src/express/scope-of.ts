/**
 * The scope and the context of a request of Express, for code that gets the request only.
 */
import type { Request } from 'express'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import { findContext, findScope, noScope } from '../scopes/node-scope.ts'

/**
 * The scope of a request: what closes when its response has ended or its client has gone.
 *
 * @param request - Of a route behind userContext().
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the middleware does not stand before the route.
 * @example
 * ```ts
 * import type { Request } from 'express'
 * import { scopeOf } from '@user-execution-context/http/express'
 *
 * export const signalOf = (request: Request): AbortSignal => scopeOf(request).signal
 * ```
 */
export const scopeOf: (request: Request) => Scope = (request) => {
  const scope = typeof request === 'object' && request !== null ? findScope(request) : undefined
  if (scope === undefined) throw noScope(fix)
  return scope
}

/**
 * The context of the user who sent a request.
 *
 * @param request - Of a route behind userContext().
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the middleware does not stand before the route.
 * @example
 * ```ts
 * import type { Request } from 'express'
 * import { contextOf } from '@user-execution-context/http/express'
 *
 * export const ownerOf = (request: Request): string => contextOf(request).userId
 * ```
 */
export const contextOf: (request: Request) => UserExecutionContext = (request) => {
  const context = typeof request === 'object' && request !== null ? findContext(request) : undefined
  if (context === undefined) throw noScope(fix)
  return context
}

const fix =
  'This request has no context: put app.use(userContext(identity)) before the route, or write the route with ' +
  'handler() of what userContext() gave.'
