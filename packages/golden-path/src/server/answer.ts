/**
 * What every HTTP answer has in common.
 */
import type { ServerResponse } from 'node:http'
import { toClientAnswer } from 'user-execution-context'

/** Headers of every answer. No cache may keep one: a cached answer of one user is an answer to another. */
export const commonHeaders: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'private, no-store',
  'vary': 'Authorization, Cookie, Origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
})

/** Answers with JSON. `undefined` is an answer without a body. `headers` are sent beside the common ones. */
export const sendJson = (
  response: ServerResponse,
  httpStatus: number,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): void => {
  if (body === undefined) {
    response.writeHead(httpStatus, { ...commonHeaders, ...headers }).end()
    return
  }
  const text = JSON.stringify(body)
  // All at once: with a header that was set before, Node takes each of these by a slower way.
  response
    .writeHead(httpStatus, {
      ...commonHeaders,
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
}

/**
 * Whether nobody is there any more who could be answered. Node gives no `close` event to an answer that waits behind
 * another one of its socket (pipelining), and takes its socket away.
 */
export const hasClientLeft = (response: ServerResponse): boolean => response.destroyed || response.socket === null

/** Answers an error with what a client may be told: code and sentence, never the message, a cause or a stack. */
export const sendError = (response: ServerResponse, error: unknown): void => {
  const { code, message, httpStatus } = toClientAnswer(error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (httpStatus === 401) response.setHeader('www-authenticate', 'Bearer')
  if (httpStatus === 429 || httpStatus === 503) response.setHeader('retry-after', httpStatus === 429 ? '60' : '1')
  // What is left of an unread body would be taken for the next request of the connection.
  if (!response.req.complete) response.setHeader('connection', 'close')
  sendJson(response, httpStatus, { code, message })
}
