import { describe, expect, test } from 'vitest'
import { passwordHasher } from '../../src/login/password-hasher.ts'

const hasher = passwordHasher({ cost: 1024 })

describe('passwordHasher', () => {
  test.each([
    [5, 'not a string'],
    [undefined, 'not a string'],
    [null, 'not a string'],
    ['', 'empty'],
    ['x'.repeat(1025), 'too long'],
  ])('makes no record of a password that nobody could sign in with: one that is %2$s', async (password, kind) => {
    await expect(hasher.toRecord(password as string)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [{ path: 'password', kind }],
    })
  })

  test('makes one of the longest and the shortest password', async () => {
    for (const password of ['x', 'x'.repeat(1024)])
      expect(await hasher.isMatch(password, await hasher.toRecord(password))).toBe(true)
  })
})
