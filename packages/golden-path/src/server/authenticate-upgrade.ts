/**
 * Where the credentials of a WebSocket upgrade stand.
 */
import type { IncomingMessage } from 'node:http'
import { ContextError, type VerifiedUser } from 'user-execution-context'
import { findBearerToken, refuseDuplicate } from './bearer.ts'
import { findQueryParameters } from './route.ts'
import type { Services } from './services.ts'

/**
 * The subprotocol that the server speaks and echoes. A `bearer.<jwt>` beside it carries the token and is not echoed.
 */
export const subprotocol = 'uec.v1'
const tokenPrefix = 'bearer.'

/**
 * The user of an upgrade, by header, subprotocol or ticket, in this order. A token in the query is never read, and what
 * comes twice in one of these places is refused.
 *
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_REFUSED`, `ERR_CONTEXT_TICKET_REFUSED`, and what the check of tokens
 *   throws.
 */
export const authenticateUpgrade = async (
  { identity, tickets }: Services,
  request: IncomingMessage,
): Promise<VerifiedUser> => {
  const token = findBearerToken(request) ?? findProtocolToken(request)
  if (token !== undefined) return identity(token)
  const [ticket, ...others] = findQueryParameters(request, 'ticket')
  if (ticket === undefined) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
  if (others.length > 0) throw refuseDuplicate('query.ticket')
  return identity(await tickets.redeem(ticket))
}

function findProtocolToken(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(subprotocol)) return undefined
  const [first, ...others] = offered.filter((name) => name.startsWith(tokenPrefix))
  if (others.length > 0) throw refuseDuplicate('headers.sec-websocket-protocol')
  return first?.slice(tokenPrefix.length)
}
