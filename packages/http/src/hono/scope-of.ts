/**
 * The scope and the context of a request of Hono, for code that gets the context of Hono only.
 */
import type { Context } from 'hono'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import { findContext, findScope, noScope } from '../scopes/node-scope.ts'

/**
 * The scope of a request: what closes when its response has ended or its client has gone.
 *
 * @param c - What Hono gives a handler behind userContext().
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the middleware does not stand before the handler.
 * @example
 * ```ts
 * import type { Context } from 'hono'
 * import { scopeOf } from '@user-execution-context/http/hono'
 *
 * export const signalOf = (c: Context): AbortSignal => scopeOf(c).signal
 * ```
 */
export const scopeOf: (c: Context) => Scope = (c) => {
  const scope = typeof c === 'object' && c !== null ? findScope(c) : undefined
  if (scope === undefined) throw noScope(fix)
  return scope
}

/**
 * The context of the user who sent a request, for code where the type of the app is not known. In a chain,
 * `c.var.userContext` is the same and known to the compiler.
 *
 * @param c - What Hono gives a handler behind userContext().
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the middleware does not stand before the handler.
 * @example
 * ```ts
 * import type { Context } from 'hono'
 * import { contextOf } from '@user-execution-context/http/hono'
 *
 * export const ownerOf = (c: Context): string => contextOf(c).userId
 * ```
 */
export const contextOf: (c: Context) => UserExecutionContext = (c) => {
  const context = typeof c === 'object' && c !== null ? findContext(c) : undefined
  if (context === undefined) throw noScope(fix)
  return context
}

const fix =
  'This request has no context: chain the middleware before the handler, new Hono().use(userContext(identity)), and ' +
  "pass Hono's own c."
