/**
 * One HTTP request: its origin, its route, its answer, and an answer for whatever goes wrong.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContextError, toClientAnswer } from 'user-execution-context'
import { commonHeaders, sendError } from './answer.ts'
import { findPathBelow, findRoute, parseRequestUrl, type FoundRoute, type Route } from './route.ts'
import { assertOrigin, type Services } from './services.ts'

/** Whether a route of ours answers a request, or a question of a browser about one (CORS preflight). */
export const isOwnRequest = (prefix: string, routes: readonly Route[], request: IncomingMessage): boolean =>
  findOwnRoute(prefix, routes, request) !== undefined || isPreflight(prefix, routes, request)

/** Answers one request, whichever it is. Never rejects. */
export const handleRequest = async (
  services: Services,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  // A client that goes away is no fault of the process.
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  const found = findOwnRoute(services.prefix, routes, request)
  try {
    assertHost(request)
    if (found === undefined && !isPreflight(services.prefix, routes, request))
      throw new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN')
    assertOrigin(services, request)
    allowOrigin(request, response)
    if (found === undefined) return answerPreflight(response)
    const { route, parameters } = found
    await route.handle({ request, response, services, url: parseRequestUrl(request), parameters })
  } catch (error) {
    if (toClientAnswer(error).httpStatus !== 404)
      services.report('request-refused', error, {
        method: request.method,
        path: found && services.prefix + found.route.path,
      })
    sendError(response, error)
  }
}

function findOwnRoute(
  prefix: string,
  routes: readonly Route[],
  request: IncomingMessage,
  method = request.method,
): FoundRoute | undefined {
  const pathname = findPathBelow(prefix, request)
  return pathname === undefined ? undefined : findRoute(routes, method ?? '', pathname)
}

// Fetch standard, section 4.8. A preflight for a route of the app is the app's.
function isPreflight(prefix: string, routes: readonly Route[], request: IncomingMessage): boolean {
  const wanted = request.headers['access-control-request-method']
  return request.method === 'OPTIONS' && findOwnRoute(prefix, routes, request, wanted) !== undefined
}

// RFC 9112 section 3.2. Which host it names does not matter here.
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
      'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID',
    })
    .end()
}
