import { describe, expect, it } from 'vitest'
import { toStartKey, toStartScope } from '../../../src/phases/execution/start-key.ts'
import { newContext } from '../run-agent.ts'

const idempotencyKey = 'a-random-key-of-the-client'
const toKey = (more: object = {}, text = 'go', userId = 'alice') =>
  toStartKey(newContext(userId), { text }, { idempotencyKey, idempotencyScope: 'x', ...more })

describe('toStartScope', () => {
  it('is another one for each route, each thread, and no thread', () => {
    const scopes = [
      toStartScope('runs', undefined),
      toStartScope('runs', 't-1'),
      toStartScope('runs', 't-2'),
      toStartScope('chat', undefined),
      toStartScope('chat', 't-1'),
      toStartScope('runs:t-1', undefined),
    ]
    expect(new Set(scopes).size).toBe(scopes.length)
  })
})

describe('toStartKey', () => {
  it('is the same for the same start, and another one for each part that differs', () => {
    expect(toKey()).toEqual(toKey())
    const others = [
      toKey(),
      toKey({ idempotencyScope: 'y' }),
      toKey({ idempotencyKey: `${idempotencyKey}2` }),
      toKey({}, 'go', 'bob'),
      toKey({ idempotencyScope: `x${idempotencyKey[0]}`, idempotencyKey: idempotencyKey.slice(1) }),
      toKey({ idempotencyScope: '', idempotencyKey: `x${idempotencyKey}` }),
    ]
    expect(new Set(others.map(({ digest }) => digest)).size).toBe(others.length)
  })

  it('is that of the user by default, whatever the thread of the context is', () => {
    const toDefault = () => toKey({ idempotencyScope: undefined })
    expect(toDefault()).toEqual(toDefault())
    expect(toDefault().digest).not.toBe(toKey({ idempotencyScope: undefined }, 'go', 'bob').digest)
  })

  it('tells apart inputs that differ in a half of a character only', () => {
    expect(toKey({}, '\ud800').inputDigest).not.toBe(toKey({}, '\ud801').inputDigest)
    expect(toKey({}, '\ud800').inputDigest).not.toBe(toKey({}, '\ufffd').inputDigest)
  })

  it.each([
    [{ idempotencyScope: 7 }, 'idempotencyScope', 'not a string'],
    [{ idempotencyScope: null }, 'idempotencyScope', 'not a string'],
    [{ idempotencyKey: 'x'.repeat(15) }, 'idempotencyKey', 'too small'],
    [{ idempotencyKey: 'x'.repeat(257) }, 'idempotencyKey', 'too long'],
  ])('refuses %j', (more, path, kind) => {
    expect(() => toKey(more)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues: [{ path, kind }] }),
    )
  })
})
