import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { findBearerToken, toAddress } from '../../src/server/bearer.ts'

describe('toAddress', () => {
  const from = (remoteAddress: string | undefined, headers: object = {}): string =>
    toAddress({ socket: { remoteAddress }, headers } as unknown as IncomingMessage)

  test.each([
    ['10.1.2.3', '10.1.2.3'], ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'], ['2001:db8:1:2:bbbb:c:d:e', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'], ['::1', '0:0:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'], [undefined, 'unknown'],
  ])('counts %s as %s', (address, counted) => {
    expect(from(address)).toBe(counted)
  })

  test('does not look at what a client says about itself', () => {
    expect(from('10.1.2.3', { 'x-forwarded-for': '1.1.1.1', forwarded: 'for=1.1.1.1' })).toBe('10.1.2.3')
  })
})

describe('findBearerToken', () => {
  test.each([
    ['Bearer a.b.c', 'a.b.c'], ['bearer  a.b-c_d', 'a.b-c_d'], ['Basic YTpi', undefined], ['Bearer', undefined], ['Bearer a b', undefined],
    ['a.b.c', undefined], [undefined, undefined],
  ])('reads %j as %j', (authorization, token) => {
    expect(findBearerToken({ headers: { authorization } } as IncomingMessage)).toBe(token)
  })
})
