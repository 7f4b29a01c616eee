/**
 * Where credentials stand in a request.
 */
import type { IncomingMessage } from 'node:http'
import { ContextError } from 'user-execution-context'

/**
 * The token of the Authorization header (RFC 6750 section 2.1), or undefined. A token in a query is not read.
 *
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_REFUSED` when the header came twice: a proxy may have checked the last,
 *   and Node reads the first (CWE-436).
 */
export const findBearerToken = (request: IncomingMessage): string | undefined => {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  if (countLines(request, 'authorization') > 1) throw refuseDuplicate('headers.authorization')
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)?.[1]
}

/** The error for a credential that came twice: who checked one of them has not checked the other. */
export const refuseDuplicate = (path: string): ContextError =>
  new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', { issues: [{ path, kind: 'duplicate' }] })

/** The token of the Authorization header. @throws {ContextError} `ERR_CONTEXT_IDENTITY_REFUSED` when there is none. */
export const readBearerToken = (request: IncomingMessage): string => {
  const token = findBearerToken(request)
  if (token === undefined) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
  return token
}

// Not `headersDistinct`: it makes an object of all headers, for each request.
function countLines({ rawHeaders = [] }: IncomingMessage, name: string): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index]!
    if (raw.length === name.length && raw.toLowerCase() === name) count++
  }
  return count
}
