/**
 * The error handler for Express: what a client may be told, instead of a page with a stack.
 */
import type { ErrorRequestHandler } from 'express'
import { isContextError } from 'user-execution-context'
import { findScope } from '../scopes/node-scope.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { toPlainAnswer } from '../to-response.ts'

/**
 * An error handler for the end of an app: answers errors of this package with status, headers and the fixed sentence
 * that a client may be told, as JSON. Other errors, and answers that have begun, go to the next error handler.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { answerContextErrors } from '@user-execution-context/http/express'
 *
 * export const app = express()
 * app.use(answerContextErrors())
 * ```
 */
export const answerContextErrors = (): ErrorRequestHandler => (thrown: unknown, request, response, next) => {
  const error = toFailure(thrown, findScope(request))
  if (!isContextError(error) || response.headersSent) return next(error)
  const { status, headers, body } = toPlainAnswer(error)
  response.status(status).set(headers).send(body)
}
