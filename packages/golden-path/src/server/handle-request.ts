/**
 * One HTTP request: its origin, its route, its answer, and an answer for whatever goes wrong.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContextError, isContextError } from 'user-execution-context'
import { commonHeaders, hasClientLeft, sendError } from './answer.ts'
import { findPathBelow, findRoute, type FoundRoute, type Route } from './route.ts'
import { assertOrigin, type Services } from './services.ts'

const allMethods = ['GET', 'HEAD', 'POST', 'DELETE']

/** Whether a route of ours answers a request, or a question about one (OPTIONS, such as a preflight of CORS). */
export const isOwnRequest = (prefix: string, routes: readonly Route[], request: IncomingMessage): boolean =>
  findOwnRoute(prefix, routes, request) !== undefined || findMethods(prefix, routes, request).length > 0

/** Answers one request, whichever it is. Never rejects. */
export const handleRequest = async (
  services: Services,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  // A client that goes away is no fault of the process.
  request.on('error', ignore)
  response.on('error', ignore)
  const found = findOwnRoute(services.prefix, routes, request)
  try {
    assertHost(request)
    const methods = request.url === '*' ? allMethods : findMethods(services.prefix, routes, request)
    if (found === undefined && (request.method !== 'OPTIONS' || methods.length === 0))
      throw new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN')
    assertOrigin(services, request)
    allowOrigin(request, response)
    if (found === undefined) return answerOptions(response, methods)
    const { route, parameters } = found
    await route.handle({ request, response, services, parameters })
  } catch (error) {
    // No stream was opened for a client that has left: that is no fault, and nobody waits for an answer.
    if (isContextError(error) && error.code === 'ERR_CONTEXT_CLOSED' && hasClientLeft(response)) return
    // Not logged: anybody could flood the log with unknown paths. Only a user can request a run of somebody else.
    if (!isContextError(error) || error.code !== 'ERR_CONTEXT_ROUTE_UNKNOWN')
      services.report('request-refused', error, {
        method: request.method,
        path: found && services.prefix + found.route.path,
        address: services.toAddress(request),
      })
    sendError(response, error)
  }
}

function ignore(): void {}

function findOwnRoute(prefix: string, routes: readonly Route[], request: IncomingMessage): FoundRoute | undefined {
  const pathname = findPathBelow(prefix, request)
  return pathname === undefined ? undefined : findRoute(routes, request.method ?? '', pathname)
}

// RFC 9110 section 9.3.7; Fetch standard, section 4.8. A preflight for a method that the app has is the app's.
function findMethods(prefix: string, routes: readonly Route[], request: IncomingMessage): readonly string[] {
  const pathname = request.method === 'OPTIONS' ? findPathBelow(prefix, request) : undefined
  if (pathname === undefined) return []
  const found = allMethods.filter((method) => findRoute(routes, method, pathname) !== undefined)
  const wanted = request.headers['access-control-request-method']
  return wanted === undefined || found.includes(wanted) ? found : []
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

function answerOptions(response: ServerResponse, methods: readonly string[]): void {
  response
    .writeHead(204, {
      ...commonHeaders,
      'allow': [...methods, 'OPTIONS'].join(', '),
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID',
    })
    .end()
}
