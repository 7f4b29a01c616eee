import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { findBearerToken } from '../../src/server/bearer.ts'

describe('findBearerToken', () => {
  test.each([
    ['Bearer a.b.c', 'a.b.c'],
    ['bearer  a.b-c_d', 'a.b-c_d'],
    ['Basic YTpi', undefined],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['a.b.c', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (authorization, token) => {
    expect(findBearerToken({ headers: { authorization } } as IncomingMessage)).toBe(token)
  })

  test.each([
    ['Authorization', 'authorization'],
    ['authorization', 'AUTHORIZATION'],
  ])('refuses two lines, %s and %s: a proxy may have checked the other one', (first, second) => {
    const rawHeaders = ['host', 'localhost', first, 'Bearer a', second, 'Bearer b']
    const request = { headers: { authorization: 'Bearer a' }, rawHeaders } as unknown as IncomingMessage
    expect(() => findBearerToken(request)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_IDENTITY_REFUSED',
        issues: [{ path: 'headers.authorization', kind: 'duplicate' }],
      }),
    )
  })
})
