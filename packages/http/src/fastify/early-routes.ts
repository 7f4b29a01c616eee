/**
 * Routes that were there before the plugin. Fastify runs the hooks of the plugin for them, and answers their errors by
 * the error handler that they had: by default with the message of the error, which is for the developer.
 */
import type { FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify'
import { isContextError } from 'user-execution-context'
import { findOpenScope } from '../scopes/node-scope.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { toPlainAnswer } from '../to-response.ts'
import { toSafeError } from './answer-context-error.ts'

/** What printRoutes() says where there is none. */
const noRoutes = '(empty tree)'
/** On the config of each route that is younger than the plugin. */
const isYounger = Symbol('added after the plugin')

/**
 * A hook that makes the answer to errors of this package safe where the route of a request may be older than the
 * plugin; undefined where there was no route at all, and nothing is asked of any request. A route that is added after
 * register() without await is there before the plugin too, and has its error handler all the same: that answers the
 * cause.
 */
export const guardEarlyRoutes = (app: FastifyInstance): onRequestHookHandler | undefined => {
  if (app.printRoutes().trim() === noRoutes) return undefined
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, [isYounger]: true } as NonNullable<typeof route.config>
  })
  return (request, reply, proceed) => {
    // The answer to an unknown address has the error handler of the plugin.
    if (!request.is404 && !(isYounger in request.routeOptions.config)) reply.send = sendSafely
    proceed()
  }
}

function sendSafely(this: FastifyReply, payload?: unknown): FastifyReply {
  const { send } = Object.getPrototypeOf(this) as { readonly send: (payload: unknown) => FastifyReply }
  const error = toFailure(payload, findOpenScope(this.request.raw))
  if (!isContextError(error)) return send.call(this, payload)
  // As an error: Fastify has begun to answer one, and would take a body for one too.
  return send.call(this.headers(toPlainAnswer(error).headers), toSafeError(error))
}
