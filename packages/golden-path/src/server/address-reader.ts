/**
 * Which address a request counts for in the limits by address.
 */
import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6 } from 'node:net'
import { ContextError } from 'user-execution-context'
import { toHextets } from '../login/ipv6-networks.ts'

/** From a request to the address that limits count. Personal data: it is in the lines that docs/server.md names. */
export type AddressReader = (request: IncomingMessage) => string

/**
 * Makes a reader. Without proxies it reads the address of the socket, never one of a header, which a client can write.
 *
 * Each proxy appends to `X-Forwarded-For` the address that it saw, so behind n trusted proxies the n-th entry from the
 * right is what the outermost of them saw, whatever the client wrote to the left of it. When there is no such entry, or
 * it is no IP address, the socket's counts: that of a proxy, but none that a client can choose.
 *
 * An IPv6 address counts with its /64 network, because one household or one attacker owns all of it.
 *
 * @param trustedProxies - How many reverse proxies stand in front of the server, each appending to the header. From 0.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 */
export const addressReader = (trustedProxies = 0): AddressReader => {
  assertCount(trustedProxies)
  return (request) => {
    const forwarded = trustedProxies === 0 ? undefined : findForwarded(request, trustedProxies)
    return toCounted(forwarded ?? request.socket.remoteAddress ?? 'unknown')
  }
}

function assertCount(trustedProxies: unknown): void {
  if (Number.isSafeInteger(trustedProxies) && (trustedProxies as number) >= 0) return
  const kind = Number.isSafeInteger(trustedProxies) ? 'too small' : 'not a number'
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'trustedProxies', kind }] })
}

function findForwarded({ headers }: IncomingMessage, trustedProxies: number): string | undefined {
  // Node joins several lines of this header by commas, in their order.
  const entry = [headers['x-forwarded-for'] ?? ''].join().split(',').at(-trustedProxies)?.trim()
  const address = entry?.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  return address !== undefined && isIP(address) !== 0 ? address : undefined
}

/** An address as limits count it. */
export function toCounted(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  // The check of an IPv6 address is a long pattern: most addresses need none.
  return plain.includes(':') && isIPv6(plain) ? `${toHextets(plain).slice(0, 4).join(':')}::/64` : plain
}
