/**
 * Pages of other origins, which a browser lets read nothing without a word of this server (CORS).
 *
 * Origins are compared by equality, and never answered with `*`. No answer allows credentials: a page sends its token
 * in a header of its own, and a cookie is not read here.
 */
import type { Settings } from '../options/options.ts'
import { refuseRequest } from './refusals.ts'

/** The answer to a preflight; undefined for any other request. The caller has checked `Host` and `Origin`. */
export const answerPreflight = (request: Request, { corsOrigins }: Settings): Response | undefined => {
  if (request.method !== 'OPTIONS' || !request.headers.has('access-control-request-method')) return undefined
  const origin = request.headers.get('origin')
  // Allowed to send is not allowed to read.
  if (origin === null || !corsOrigins.includes(origin))
    return refuseRequest(403, -32_000, 'Pages of this origin may not use this server. Its operator sets corsOrigins.')
  const headers = new Headers({ 'access-control-allow-methods': 'GET, POST, DELETE', 'access-control-max-age': '600' })
  // A page that may read every answer may send every header: a tool may name some of its own (Mcp-Param-…).
  const wanted = request.headers.get('access-control-request-headers')
  if (wanted !== null) headers.set('access-control-allow-headers', wanted)
  headers.set('vary', 'Access-Control-Request-Headers')
  return new Response(null, { status: 204, headers })
}

/** The same answers, which pages of listed origins may read. */
export const letPagesRead = (
  answer: (request: Request) => Promise<Response>,
  { corsOrigins }: Settings,
): ((request: Request) => Promise<Response>) =>
  corsOrigins.length === 0 ? answer : async (request) => share(request, await answer(request), corsOrigins)

function share(request: Request, response: Response, corsOrigins: readonly string[]): Response {
  // The metadata is for every page.
  if (response.headers.has('access-control-allow-origin')) return response
  const origin = request.headers.get('origin')
  const shared = toMutable(response)
  // Also without an origin: a cache on the way must not give a page what was answered to none.
  shared.headers.append('vary', 'Origin')
  if (origin === null || !corsOrigins.includes(origin)) return shared
  shared.headers.set('access-control-allow-origin', origin)
  const exposed = 'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, Retry-After'
  shared.headers.set('access-control-expose-headers', exposed)
  return shared
}

function toMutable(response: Response): Response {
  try {
    response.headers.delete('access-control-allow-credentials')
    return response
  } catch {
    // Headers that cannot be changed, such as those of an answer that came from elsewhere.
    return new Response(response.body, response)
  }
}
