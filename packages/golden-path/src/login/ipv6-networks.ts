/**
 * The networks that an IPv6 address is part of: one household or attacker has all of a /64, and often of a /56 or /48.
 */
import { isIPv6 } from 'node:net'

/** The eight groups of an IPv6 address, each in its shortest form. The caller has checked it. */
export const toHextets = (address: string): readonly string[] => {
  // A URL has one form for all spellings of an address. It takes no zone.
  const [head = '', tail] = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right]
}

/** An address, and the networks around it. */
export type Networks = {
  /** As it was given. */
  readonly address: string
  /** Its /56 and its /48; undefined for what is no IPv6 address. */
  readonly site: string | undefined
  readonly block: string | undefined
}

/** From an address, or a network such as `2001:db8:0:1::/64`, to the networks around it. */
export const toNetworks = (address: string): Networks => {
  const plain = address.replace(/\/64$/, '')
  // The check is a long pattern: most addresses need none.
  if (!plain.includes(':') || !isIPv6(plain)) return { address, site: undefined, block: undefined }
  const [first, second, third, fourth = '0'] = toHextets(plain)
  const block = `${first}:${second}:${third}::/48`
  return { address, site: `${first}:${second}:${third}:${fourth.padStart(4, '0').slice(0, 2)}00::/56`, block }
}
