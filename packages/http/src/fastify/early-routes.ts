/**
 * Routes that were there before the plugin. Fastify runs the hooks of the plugin for them, and answers their errors by
 * the error handler that they had: by default with the message of the error, which is for the developer.
 */
import type { FastifyInstance, onRequestHookHandler } from 'fastify'
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
 * A hook that makes the answer to errors of this package safe where the route of a request is older than the plugin;
 * undefined where there is no such route, which is the usual order: then nothing is asked of any request.
 */
export const guardEarlyRoutes = (app: FastifyInstance): onRequestHookHandler | undefined => {
  if (app.printRoutes().trim() === noRoutes) return undefined
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, [isYounger]: true } as NonNullable<typeof route.config>
  })
  return (request, reply, proceed) => {
    // The answer to an unknown address has the error handler of the plugin.
    if (!request.is404 && !(isYounger in request.routeOptions.config)) {
      const send = reply.send.bind(reply) as (payload: unknown) => typeof reply
      reply.send = (payload?: unknown) => {
        const error = toFailure(payload, findOpenScope(request.raw))
        // As an error: Fastify has begun to answer one, and would take a body for one too.
        return isContextError(error)
          ? send.call(reply.headers(toPlainAnswer(error).headers), toSafeError(error))
          : send(payload)
      }
    }
    proceed()
  }
}
