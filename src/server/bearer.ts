/**
 * Floor 8. Where credentials stand in a request.
 */
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { ContextError } from '../errors/context-error.ts'

/** The token of the Authorization header (RFC 6750 section 2.1), or undefined. A token in a query is not looked at. */
export const findBearerToken = (request: IncomingMessage): string | undefined =>
  /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]

/** The token of the Authorization header. @throws {ContextError} `ERR_CONTEXT_IDENTITY_REFUSED` when there is none. */
export const readBearerToken = (request: IncomingMessage): string => {
  const token = findBearerToken(request)
  if (token === undefined) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
  return token
}

/**
 * The address that limits count: of the socket, never from a header that a client can write. An IPv6 address counts
 * with its /64 network, because one household or one attacker owns all of it.
 */
export const toAddress = (request: IncomingMessage): string => {
  const address = (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIPv6(address) ? toNetwork(address) : address
}

function toNetwork(address: string): string {
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return `${[...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':')}::/64`
}
