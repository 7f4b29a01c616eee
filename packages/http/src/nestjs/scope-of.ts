/**
 * The scope of what Nest calls an execution context: a request of HTTP, or the connection of a message.
 */
import type { ArgumentsHost } from '@nestjs/common'
import { ContextError, type Scope, type UserExecutionContext } from 'user-execution-context'
import type { NodeRequest } from '../request/any-request.ts'
import { findContext, findOpenScope, findScope, noScope, type NodeResponse } from '../scopes/node-scope.ts'

/**
 * The scope of a request, or of the connection of a message: for guards, interceptors and filters of yours.
 *
 * @param host - What Nest gives a guard, an interceptor or a filter behind UserContextGuard.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` where no guard stands before it.
 * @example
 * ```ts
 * import type { ExecutionContext } from '@nestjs/common'
 * import { scopeOf } from '@user-execution-context/http/nestjs'
 *
 * export const isAdmin = (execution: ExecutionContext): boolean =>
 *   scopeOf(execution).context.permissions.includes('admin')
 * ```
 */
export const scopeOf: (host: ArgumentsHost) => Scope = (host) => {
  const scope = findScopeOf(host)
  if (scope === undefined) throw noScope(noGuard)
  return scope
}

/** The context of a request, or of the connection of a message. @throws As scopeOf(). */
export const contextOf = (host: ArgumentsHost): UserExecutionContext => {
  const context = findContextOf(host)
  if (context === undefined) throw noScope(noGuard)
  return context
}

/** The context, or undefined. */
export const findContextOf = (host: ArgumentsHost): UserExecutionContext | undefined => {
  const key = keyOf(host)
  return key && findContext(key)
}

/** The scope, or undefined. */
const findScopeOf = (host: ArgumentsHost): Scope | undefined => {
  const key = keyOf(host)
  return key && findScope(key)
}

/** The scope if somebody has asked for it. */
export const findOpenScopeOf = (host: ArgumentsHost): Scope | undefined => {
  const key = keyOf(host)
  return key && findOpenScope(key)
}

function keyOf(host: ArgumentsHost): object | undefined {
  const type = host.getType<string>()
  if (type === 'http') return rawRequestOf(host)
  return type === 'ws' ? host.switchToWs().getClient<object>() : undefined
}

/** The request of Node, which Fastify has as `raw`. */
export const rawRequestOf = (host: ArgumentsHost): NodeRequest => {
  const request = host.switchToHttp().getRequest<NodeRequest & { readonly raw?: NodeRequest }>()
  return request.raw ?? request
}

/** The response of Node. */
export const rawResponseOf = (host: ArgumentsHost): NodeResponse & { readonly headersSent: boolean } => {
  type Response = NodeResponse & { readonly headersSent: boolean }
  const response = host.switchToHttp().getResponse<Response & { readonly raw?: Response }>()
  return response.raw ?? response
}

/** The error of a transport that has no request of HTTP. */
export const unknownTransport = (type: string): ContextError =>
  noScope(
    `A handler of type ${type.slice(0, 20)} has no request of HTTP. Verify its user where its message arrives, such ` +
      'as with openSealed() of @user-execution-context/transfer, and pass the context as an argument.',
  )

const noGuard =
  'No guard verified the user of this handler: put @UseGuards(UserContextGuard) on it or on its class, or register ' +
  'the guard for the whole app under APP_GUARD.'
