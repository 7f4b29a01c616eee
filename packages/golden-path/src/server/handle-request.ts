/**
 * Floor 8. One HTTP request: its origin, its route, its answer, and an answer for whatever goes wrong.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContextError, toClientAnswer } from 'user-execution-context'
import { commonHeaders, sendError } from './answer.ts'
import { findBelow, findRoute, parseRequestUrl, type Route } from './route.ts'
import { toErrorRecord } from './server-options.ts'
import { assertOrigin, type Services } from './services.ts'

/** Answers one request. Never rejects. */
export const handleRequest = async (
  services: Services,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
): Promise<void> => {
  // A client that goes away is no fault of the process.
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  let path: string | undefined
  try {
    assertHost(request)
    const url = parseRequestUrl(request)
    const pathname = findBelow(services.prefix, url.pathname)
    const found = pathname === undefined ? undefined : findRoute(routes, request.method ?? '', pathname)
    const isPreflight = request.method === 'OPTIONS' && pathname !== undefined
    if (found === undefined && !isPreflight && next !== undefined) return next()
    assertOrigin(services, request)
    allowOrigin(request, response)
    if (isPreflight) return answerPreflight(response)
    if (found === undefined) throw new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN')
    path = found.route.path
    await found.route.handle({ request, response, services, url, parameters: found.parameters })
  } catch (error) {
    if (toClientAnswer(error).httpStatus !== 404)
      services.log({ ...toErrorRecord('request-refused', error), method: request.method, path })
    sendError(response, error)
  }
}

// RFC 9112 section 3.2. The host is not looked at.
function assertHost({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host !== undefined || httpVersion === '1.0') return
  throw new ContextError('ERR_CONTEXT_BODY_INVALID', { issues: [{ path: 'host', kind: 'missing' }] })
}

// The origin has passed the allow list. Credentials are no cookies, so none are allowed here.
function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers
  if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
}

function answerPreflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      ...commonHeaders,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, Last-Event-ID',
    })
    .end()
}
