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
})
