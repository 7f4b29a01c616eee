/**
 * The answer to a failed request, where Response exists.
 */
import { isContextError, toClientAnswer, type PlatformResponse } from 'user-execution-context'

/**
 * The answer to any error: status, headers and the fixed sentence that a client may be told, as JSON
 * (`{ code, message }`). An error that is not of this package is answered with 500 and tells nothing.
 *
 * @param error - Anything, such as what a `catch` got.
 * @example
 * ```ts
 * import { toResponse } from '@user-execution-context/http'
 * import { ContextError } from 'user-execution-context'
 *
 * export const { status } = toResponse(new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')) // 401
 * ```
 */
export const toResponse: (error: unknown) => PlatformResponse = (error) => {
  const { headers, body, status } = toPlainAnswer(error)
  return new Response(body, { status, headers: { ...headers } }) as PlatformResponse
}

/** An answer in parts, for frameworks with an answer of their own. */
export type PlainAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The same answer in parts. */
export const toPlainAnswer = (error: unknown): PlainAnswer => {
  const { code, message, httpStatus } = toClientAnswer(error)
  const own = isContextError(error) ? error.headers : undefined
  return {
    status: httpStatus,
    // An error is of one user and of now: nothing may keep it.
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...own },
    body: JSON.stringify({ code, message }),
  }
}
