/**
 * The metadata of a protected resource (RFC 9728): where clients learn who gives tokens for this server.
 */
import type { Settings } from '../options/options.ts'

const wellKnown = '/.well-known/oauth-protected-resource'

/** The address of the metadata: the well-known path before the path of the resource. */
export const metadataUrl = ({ resourceUrl }: Settings): URL => {
  const path = resourceUrl.pathname.replace(/\/$/, '')
  return new URL(`${wellKnown}${path}${resourceUrl.search}`, resourceUrl)
}

/** The document, or undefined when the request is for something else. */
export const answerMetadata = (request: Request, settings: Settings): Response | undefined => {
  // Most requests are for something else, and addresses are costly to parse.
  if (!request.url.includes(wellKnown)) return undefined
  const { pathname } = new URL(request.url)
  if (pathname !== metadataUrl(settings).pathname) return undefined
  const cors = { 'access-control-allow-origin': '*' }
  if (request.method === 'OPTIONS')
    return new Response(null, { status: 204, headers: { ...cors, 'access-control-allow-methods': 'GET, HEAD' } })
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response(null, { status: 405, headers: { ...cors, allow: 'GET, HEAD, OPTIONS' } })
  const { resource, authorizationServers, scopes } = settings
  const document = {
    resource,
    authorization_servers: authorizationServers,
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  }
  return Response.json(document, { headers: { ...cors, 'cache-control': 'public, max-age=3600' } })
}
