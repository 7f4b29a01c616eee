/**
 * The error handler for Express: what a client may be told, instead of a page with a stack.
 */
import type { ErrorRequestHandler } from 'express'
import { findUnknownKeys, isContextError } from 'user-execution-context'
import { findOpenScope } from '../scopes/node-scope.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { invalidOptions } from '../strategies/token-strategy.ts'
import { toPlainAnswer, type PlainAnswer } from '../to-response.ts'
import { placeOf } from './place-of.ts'

/** Options of {@link answerContextErrors}. */
export type AnswerErrorsOptions = {
  /**
   * Gets a line for each error that is answered: method, status, what it was and the field that it names, and for a bug
   * (500) the file and line that threw. No address, no id, no token and no message, which may quote what a user sent.
   */
  readonly log?: ((line: string) => void) | undefined
  /**
   * Answers all other errors too, as JSON in place of Express' own page: those of a body parser with their status, as
   * all errors of http-errors that are for the client (`expose`), all else with 500. Default: they go to the next error
   * handler.
   */
  readonly others?: boolean | undefined
}

/**
 * An error handler for the end of an app: answers errors of this package with status, headers and the fixed sentence
 * that a client may be told, as JSON. Other errors go to the next error handler, unless `others` is true; answers that
 * have begun always do.
 *
 * @param options - `log` and `others`, both optional.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import express from 'express'
 * import { answerContextErrors } from '@user-execution-context/http/express'
 *
 * export const app = express()
 * app.use(answerContextErrors({ log: console.error }))
 * ```
 */
export const answerContextErrors: (options?: AnswerErrorsOptions) => ErrorRequestHandler = (options = {}) => {
  const issues = findUnknownKeys(options, ['log', 'others'])
  const { log, others = false } = options ?? {}
  // A log that cannot be called would fail at the first error, in the place of its answer.
  if (log !== undefined && typeof log !== 'function') issues.push({ path: 'log', kind: 'not a function' })
  if (typeof others !== 'boolean') issues.push({ path: 'others', kind: 'not a boolean' })
  if (issues.length > 0) throw invalidOptions(issues)
  return (thrown: unknown, request, response, next) => {
    const error = toFailure(thrown, findOpenScope(request))
    if (response.headersSent || !(isContextError(error) || others)) return next(error)
    // Nobody is there to be answered, and what stopped because its client has left is no fault. A bug is still told.
    if (response.destroyed && isContextError(error)) return
    const { status, headers, body } = toAnswer(error)
    const place = status < 500 ? undefined : placeOf(error)
    log?.(`${request.method} answered with ${status}: ${toName(error)}${toPaths(error)}${place ? ` at ${place}` : ''}`)
    response.status(status).set(headers).send(body)
  }
}

/**
 * Errors of a body parser, and of an address that cannot be decoded, have a status of the client's, and a message that
 * may quote the request. The status of any other error is another's: a service that refused our key has one of 401.
 */
function toAnswer(error: unknown): PlainAnswer {
  const answer = toPlainAnswer(error)
  const { status, expose } = (error ?? {}) as { readonly status?: unknown; readonly expose?: unknown }
  const isOfClient = expose === true || error instanceof URIError
  if (isContextError(error) || !isOfClient || typeof status !== 'number' || status < 400 || status > 499) return answer
  return { ...answer, status, body: JSON.stringify({ code: toName(error), message: 'The request cannot be read.' }) }
}

/** What the issues of an error of ours name: a path and a kind may be logged. */
function toPaths(error: unknown): string {
  if (!isContextError(error) || error.issues.length === 0) return ''
  return ` (${error.issues.map(({ path, kind }) => [path, kind].filter(Boolean).join(': ')).join(', ')})`
}

/** A word of the source, and never a message. */
function toName(error: unknown): string {
  const { code, type, name } = (error ?? {}) as Readonly<Record<'code' | 'type' | 'name', unknown>>
  const isWord = (value: unknown): boolean => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
  return String([code, type, name].find(isWord) ?? 'error')
}
