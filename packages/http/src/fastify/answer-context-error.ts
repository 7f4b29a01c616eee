/**
 * The error handler for Fastify: what a client may be told, instead of a message for the developer.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isContextError, toClientAnswer } from 'user-execution-context'
import { findOpenScope } from '../scopes/node-scope.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { toPlainAnswer } from '../to-response.ts'

/**
 * Answers an error of this package with status, headers and the fixed sentence that a client may be told. Every other
 * error goes to the error handler that was there before: `reply.send(error)` in a handler is what Fastify has for it.
 */
export const answerContextError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const error = toFailure(findCause(thrown), findOpenScope(request.raw))
  if (!isContextError(error)) {
    reply.send(error)
    return
  }
  request.log.info({ code: error.code }, error.message)
  const { status, headers, body } = toPlainAnswer(error)
  reply.code(status).headers(headers).send(body)
}

/** Errors that were made safe, and what they stand for. */
const causes = new WeakMap<object, unknown>()
/** What a safe error stands for; anything else as it is. */
const findCause = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null ? (causes.get(thrown) ?? thrown) : thrown

/**
 * An error for where the plugin may not be there to answer it: what a client may be told and the code, with our error
 * as the cause for the log. Where the plugin answers it after all, it answers the cause.
 */
export const toSafeError = (cause: unknown): Error => {
  const { code, message, httpStatus } = toClientAnswer(cause)
  const safe = Object.assign(new Error(message, { cause }), { statusCode: httpStatus, code })
  causes.set(safe, cause)
  return safe
}
