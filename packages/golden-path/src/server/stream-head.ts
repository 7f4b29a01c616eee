/**
 * What every stream of server-sent events begins with, and what keeps it alive.
 */
import type { ServerResponse } from 'node:http'
import { commonHeaders } from './answer.ts'

/** The last one keeps nginx from holding events back. */
const streamHeaders = Object.freeze({
  ...commonHeaders,
  'content-type': 'text/event-stream; charset=utf-8',
  'x-accel-buffering': 'no',
})

/**
 * Writes status and headers, once, and from then on a comment at an interval, so that proxies do not take the stream
 * for dead.
 *
 * @returns Whether this call wrote them. Not when they have gone, and not to a client that has left.
 */
export const writeStreamHead = (
  response: ServerResponse,
  keepAliveMs: number,
  headers: Readonly<Record<string, string>> = {},
): boolean => {
  if (response.headersSent || response.destroyed) return false
  response.writeHead(200, { ...streamHeaders, ...headers })
  if (response.req.method === 'HEAD') {
    // It wants no stream, so none is kept open.
    response.end()
    return false
  }
  // Not before there is a head: a client that has left meanwhile closes nothing again, and the timer would stay.
  const timer = setInterval(() => !response.writableEnded && response.write(': alive\n\n'), keepAliveMs).unref()
  response.once('close', () => clearInterval(timer))
  return true
}
