/**
 * Which function answers which request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Services } from './services.ts'

/** One request and the means to answer it. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly services: Services
  /** The named parts of the path, decoded. From the client: untrusted. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Answers a request, or throws an error that is answered for it. */
export type Handler = (exchange: Exchange) => Promise<void> | void

/** A method, a path such as `/runs/:runId`, and what answers it. */
export type Route = { readonly method: string; readonly path: string; readonly handle: Handler }

/** A route and the named parts of the path that it was found by. */
export type FoundRoute = { readonly route: Route; readonly parameters: Readonly<Record<string, string>> }

/** The route of a request with the named parts of its path, or undefined. HEAD is answered where GET is (RFC 9110). */
export const findRoute = (routes: readonly Route[], method: string, pathname: string): FoundRoute | undefined => {
  const parts = toParts(pathname)
  for (const route of parts === undefined ? [] : routes) {
    if (route.method !== method && !(route.method === 'GET' && method === 'HEAD')) continue
    const parameters = match(toPattern(route), parts!)
    if (parameters !== undefined) return { route, parameters }
  }
  return undefined
}

/**
 * The path of a request below a prefix, or undefined for one outside it and for a target that is no path. `/api` holds
 * `/api/runs`, and not `/apiary`.
 */
export const findPathBelow = (prefix: string, request: IncomingMessage): string | undefined => {
  const target = toTarget(request)
  const pathname = plainPath.test(target) ? target : findRequestUrl(request)?.pathname
  if (pathname === undefined) return undefined
  return pathname === prefix ? '/' : pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : undefined
}

/** A parameter of the query of a request, decoded, or undefined. From the client: untrusted. */
export const findQueryParameter = (request: IncomingMessage, name: string): string | undefined =>
  findQueryParameters(request, name)[0]

/** All values of a parameter of the query, as above. */
export const findQueryParameters = (request: IncomingMessage, name: string): readonly string[] =>
  // Most requests have no query, and parsing one costs as much as finding the route.
  toTarget(request).includes('?') ? (findRequestUrl(request)?.searchParams.getAll(name) ?? []) : []

/** A path that is in its normal form, as most are: unreserved characters (RFC 3986), no dot segment, no query. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/

// Express takes the prefix of a mounted handler off `url` and keeps the whole in `originalUrl`.
function toTarget(request: IncomingMessage): string {
  return (request as { readonly originalUrl?: string }).originalUrl ?? request.url ?? '/'
}

// The host is not read: the client writes it. A target may be a whole URL (RFC 9112 section 3.2.2), as proxies send it.
function findRequestUrl(request: IncomingMessage): URL | undefined {
  const target = toTarget(request)
  const text = target.startsWith('/') ? `http://server${target}` : target
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
}

/** Splitting the paths of all routes costs more than comparing with them. */
const patterns = new WeakMap<Route, readonly string[]>()

function toPattern(route: Route): readonly string[] {
  const known = patterns.get(route)
  if (known !== undefined) return known
  const pattern = route.path.split('/')
  patterns.set(route, pattern)
  return pattern
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined
  const parameters: Record<string, string> = {}
  for (let index = 0; index < pattern.length; index++) {
    const [name, part] = [pattern[index]!, parts[index]!]
    if (name.startsWith(':') && part !== '') parameters[name.slice(1)] = part
    else if (name !== part) return undefined
  }
  return parameters
}

function toParts(pathname: string): readonly string[] | undefined {
  const parts = pathname.split('/')
  if (!pathname.includes('%')) return parts
  try {
    return parts.map(decodeURIComponent)
  } catch {
    return undefined
  }
}
