/**
 * Where credentials stand in a request.
 */
import type { IncomingMessage } from 'node:http'
import { ContextError } from 'user-execution-context'

/** The token of the Authorization header (RFC 6750 section 2.1), or undefined. A token in a query is not read. */
export const findBearerToken = (request: IncomingMessage): string | undefined =>
  /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]

/** The token of the Authorization header. @throws {ContextError} `ERR_CONTEXT_IDENTITY_REFUSED` when there is none. */
export const readBearerToken = (request: IncomingMessage): string => {
  const token = findBearerToken(request)
  if (token === undefined) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
  return token
}
