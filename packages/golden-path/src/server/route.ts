/**
 * Which function answers which request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContextError } from 'user-execution-context'
import type { Services } from './services.ts'

/** One request and the means to answer it. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly services: Services
  readonly url: URL
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
    const parameters = match(route.path.split('/'), parts!)
    if (parameters !== undefined) return { route, parameters }
  }
  return undefined
}

/**
 * The path of a request below a prefix, or undefined for one outside it and for a target that is no path. `/api` holds
 * `/api/runs`, and not `/apiary`.
 */
export const findPathBelow = (prefix: string, request: IncomingMessage): string | undefined => {
  const pathname = findRequestUrl(request)?.pathname
  if (pathname === undefined) return undefined
  return pathname === prefix ? '/' : pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : undefined
}

/** The path and query of a request. @throws {ContextError} `ERR_CONTEXT_ROUTE_UNKNOWN` for a target that is no path. */
export const parseRequestUrl = (request: IncomingMessage): URL => {
  const url = findRequestUrl(request)
  if (url === undefined) throw new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN')
  return url
}

// The host is not read: the client writes it. A target may be a whole URL (RFC 9112 section 3.2.2), as proxies send it.
function findRequestUrl(request: IncomingMessage): URL | undefined {
  // Express takes the prefix of a mounted handler off `url` and keeps the whole in `originalUrl`.
  const target = (request as { readonly originalUrl?: string }).originalUrl ?? request.url ?? '/'
  const text = target.startsWith('/') ? `http://server${target}` : target
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, name] of pattern.entries()) {
    const part = parts[index]!
    if (name.startsWith(':') && part !== '') parameters[name.slice(1)] = part
    else if (name !== part) return undefined
  }
  return parameters
}

function toParts(pathname: string): readonly string[] | undefined {
  try {
    return pathname.split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
}
