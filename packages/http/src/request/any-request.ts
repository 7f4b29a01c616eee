/**
 * The two forms of a request, and how one header of either is read.
 */
import { ContextError } from 'user-execution-context'

/** A request of the web platform: what Hono, Next.js route handlers, Deno, Bun and workerd give. */
export type WebRequest = {
  readonly method: string
  readonly headers: { get(name: string): string | null }
}

/** A request of Node: `IncomingMessage`, which Express extends and Fastify has as `request.raw`. */
export type NodeRequest = {
  readonly method?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly rawHeaders?: readonly string[] | undefined
}

/** A request in one of the two forms. */
export type AnyRequest = WebRequest | NodeRequest

/**
 * The one value of a header. A header that came twice is refused: a proxy may have checked the first and Node may read
 * the other (CWE-436). In a web-standard request two values are joined, and fail the form of every token; where a
 * framework has made it of a request of Node, as Next.js does, Node has kept the first and nothing tells of the other.
 *
 * @param name - In lower case.
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_REFUSED`.
 */
export const readHeader = (request: AnyRequest, name: string): string | undefined => {
  const value = valueOf(request, name)
  if (value === undefined || isWebHeaders(request.headers)) return value as string | undefined
  if (typeof value !== 'string' || (name !== 'cookie' && countHeader(request as NodeRequest, name) > 1)) {
    throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', { issues: [{ path: `headers.${name}`, kind: 'duplicate' }] })
  }
  return value
}

/**
 * A header that may come several times and says nothing of a user, its values joined by commas.
 *
 * @param name - In lower case.
 */
export const readList = (request: AnyRequest, name: string): string | undefined => valueOf(request, name)?.toString()

function valueOf(request: AnyRequest, name: string): string | readonly string[] | undefined {
  const { headers } = (request ?? {}) as Partial<AnyRequest>
  if (typeof headers !== 'object' || headers === null)
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'request.headers', kind: headers === undefined ? 'missing' : 'not an object' }],
      fix: 'Pass the request: a Request of the web platform, an IncomingMessage of Node, or { method, headers }.',
    })
  if (isWebHeaders(headers)) return headers.get(name) ?? undefined
  // An own one: a header may be asked for by the name of a method of every object.
  return Object.hasOwn(headers, name) ? headers[name] : undefined
}

/**
 * The method in capitals; empty where the request names none, as an event of API Gateway does: such a request is not
 * taken for a safe one.
 */
export const methodOf = (request: AnyRequest): string => (request.method ?? '').toUpperCase()

function isWebHeaders(headers: AnyRequest['headers']): headers is WebRequest['headers'] {
  return typeof (headers as { get?: unknown }).get === 'function'
}

function countHeader({ rawHeaders = [] }: NodeRequest, name: string): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index]!
    if (raw === name || (raw.length === name.length && raw.toLowerCase() === name)) count++
  }
  return count
}
