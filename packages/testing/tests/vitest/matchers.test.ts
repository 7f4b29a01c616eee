import { createForUser, deriveChild, identityProvider } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { describe, expect, test, vi } from 'vitest'
import { contextOf, sameRunAs } from '../../src/vitest.ts'
import { testContext, testUser } from '../../src/contexts/test-context.ts'

const alice = testContext({ userId: 'alice' })
const bob = testContext({ userId: 'bob' })
const aliceOfAcme = testContext({ userId: 'alice', tenantId: 'acme' })

const messageOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    return (error as Error).message.replaceAll(/\u001B\[\d+m/g, '')
  }
  throw new Error('nothing was thrown')
}

describe('toBeContextOf', () => {
  test('passes for a context of that user, of whatever thread, run and step', () => {
    expect(alice).toBeContextOf('alice')
    expect(deriveChild(alice, 'search')).toBeContextOf('alice')
    expect(testContext({ userId: 'alice', threadId: 'other' })).toBeContextOf('alice')
  })

  test('takes a user id for every tenant, and user with tenant for that tenant only', () => {
    expect(testContext({ namespace: 'n' })).toBeContextOf(testContext({ namespace: 'n' }))
    expect(testContext({ namespace: 'n' })).not.toBeContextOf(testContext())
    expect(aliceOfAcme).toBeContextOf('alice')
    expect(aliceOfAcme).toBeContextOf({ userId: 'alice', tenantId: 'acme' })
    expect(aliceOfAcme).not.toBeContextOf({ userId: 'alice', tenantId: undefined })
    expect(aliceOfAcme).not.toBeContextOf({ userId: 'alice', tenantId: 'other' })
    expect(alice).not.toBeContextOf({ userId: 'alice', tenantId: 'acme' })
    expect(aliceOfAcme).not.toBeContextOf(alice)
  })

  test('takes a context or a verified user for the expected user', () => {
    expect(alice).toBeContextOf(testUser({ userId: 'alice' }))
    expect(alice).toBeContextOf(testContext({ userId: 'alice' }))
    expect(alice).not.toBeContextOf(bob)
  })

  test('names the expected and the received user', () => {
    expect(messageOf(() => expect(bob).toBeContextOf('alice'))).toBe(
      'expect(context).toBeContextOf(expected)\n\nExpected: a context of "alice"\nReceived: a context of "bob"',
    )
    expect(messageOf(() => expect(aliceOfAcme).not.toBeContextOf('alice'))).toBe(
      'expect(context).not.toBeContextOf(expected)\n\n' +
        'Expected: not a context of "alice"\nReceived: a context of "alice" of tenant "acme"',
    )
  })

  test('names no user whom a test did not make', async () => {
    const signIn = identityProvider({ name: 'session', verify: (userId: string) => ({ userId }) })
    const real = createForUser(await signIn('carol-4711'))
    const vouched = createForUser(vouchForUser('carol-4711', { reason: 'a nightly job' }))
    for (const context of [real, vouched]) {
      const messages = [
        messageOf(() => expect(context).toBeContextOf('alice')),
        messageOf(() => expect(alice).toBeContextOf(context)),
        messageOf(() => expect(context).toBeSameRunAs(alice)),
        messageOf(() => expect(alice).toBeSameRunAs(context)),
        messageOf(() => expect([context]).toEqual([contextOf('alice')])),
        messageOf(() => expect([alice]).toEqual([contextOf(context)])),
        messageOf(() => expect([alice]).toEqual([sameRunAs(context)])),
      ]
      expect(messages.join('\n')).not.toContain('carol-4711')
    }
    expect(messageOf(() => expect(real).toBeContextOf('alice'))).toContain('identity provider "session"')
  })

  test.each([
    ['undefined', undefined],
    ['a spread', { ...alice }],
    ['a look-alike', { userId: 'alice', tenantId: undefined }],
    ['a verified user', testUser({ userId: 'alice' })],
    ['a promise', Promise.resolve(alice)],
  ])('fails for %s, with and without .not', (_what, value) => {
    expect(messageOf(() => expect(value).toBeContextOf('alice'))).toContain('no context')
    expect(messageOf(() => expect(value).not.toBeContextOf('bob'))).toContain('no context')
    expect(messageOf(() => expect(value).toBeSameRunAs(alice))).toContain('no context')
    expect(messageOf(() => expect(value).not.toBeSameRunAs(bob))).toContain('no context')
  })

  test.each([undefined, null, '', {}, { tenantId: 'acme' }, 7])('refuses %o as an expected user', (expected) => {
    expect(messageOf(() => expect(alice).toBeContextOf(expected as never))).toContain('Name the expected user')
    expect(messageOf(() => expect(alice).not.toBeContextOf(expected as never))).toContain('Name the expected user')
    expect(messageOf(() => contextOf(expected as never))).toContain('Name the expected user')
  })
})

describe('toBeSameRunAs', () => {
  test('passes for the context, its children and its parent', () => {
    const child = deriveChild(alice, 'search')
    expect(child).toBeSameRunAs(alice)
    expect(alice).toBeSameRunAs(child)
    expect(alice).toBeSameRunAs(alice)
  })

  test.each([
    ['user', { userId: 'bob' }],
    ['user', { userId: 'alice', tenantId: 'acme' }],
    ['thread', { userId: 'alice', threadId: 'other' }],
    ['run', { userId: 'alice', runId: 'other' }],
  ])('fails when the %s alone differs, and says so', (difference, options) => {
    expect(testContext(options)).not.toBeSameRunAs(alice)
    expect(messageOf(() => expect(testContext(options)).toBeSameRunAs(alice))).toContain(`\nDiffers in: ${difference}`)
  })
})

describe('contextOf', () => {
  const spyOf = (...contexts: readonly unknown[]) => {
    const spy = vi.fn<(context: unknown, text: string) => void>()
    for (const context of contexts) spy(context, 'hello')
    return spy
  }

  test('stands in the place of an argument, by import and by expect', ({ expect: local }) => {
    expect(spyOf(alice)).toHaveBeenCalledWith(contextOf('alice'), 'hello')
    expect(spyOf(alice)).toHaveBeenCalledWith(expect.contextOf('alice'), 'hello')
    expect(spyOf(alice)).toHaveBeenCalledWith(expect.not.contextOf('bob'), 'hello')
    local(spyOf(alice)).toHaveBeenCalledWith(local.contextOf({ userId: 'alice', tenantId: undefined }), 'hello')
    expect({ context: alice }).toEqual({ context: contextOf('alice') })
  })

  test('refuses a context of another user, and what is no context', () => {
    expect(spyOf(bob)).not.toHaveBeenCalledWith(contextOf('alice'), 'hello')
    expect(spyOf(bob)).not.toHaveBeenCalledWith(expect.contextOf('alice'), 'hello')
    expect(spyOf({ ...alice })).not.toHaveBeenCalledWith(contextOf('alice'), 'hello')
    expect(spyOf({ ...alice })).not.toHaveBeenCalledWith(expect.contextOf('alice'), 'hello')
  })

  test.each([
    ['contextOf', () => contextOf('alice')],
    ['expect.contextOf', () => expect.contextOf('alice')],
  ])('as %s names the expected and the received users in the diff of a spy', (_name, matcher) => {
    const message = messageOf(() => expect(spyOf(bob, aliceOfAcme, undefined)).toHaveBeenCalledWith(matcher(), 'bye'))
    expect(message).toContain('contextOf<"alice">')
    expect(messageOf(() => expect(spyOf(bob, undefined)).toHaveBeenCalledWith(matcher(), 'hello'))).toContain(
      'contextOf<"alice"> (received "bob"; undefined, which is no context)',
    )
  })

  test('names the tenant', () => {
    expect(String(contextOf({ userId: 'alice', tenantId: 'acme' }))).toBe('contextOf<"alice" of tenant "acme">')
  })
})

describe('sameRunAs', () => {
  test('stands in the place of an argument for a child', () => {
    const spy = vi.fn<(context: unknown) => void>()
    spy(deriveChild(alice, 'search'))
    expect(spy).toHaveBeenCalledWith(sameRunAs(alice))
    expect(spy).toHaveBeenCalledWith(expect.sameRunAs(alice))
    expect(spy).not.toHaveBeenCalledWith(sameRunAs(bob))
    expect(messageOf(() => expect(spy).toHaveBeenCalledWith(expect.sameRunAs(bob)))).toContain(
      'sameRunAs<"bob", thread test-thread, run test-run> (received a context of another user)',
    )
  })

  test('refuses a context that is none, when it is made', () => {
    expect(() => sameRunAs({ ...alice } as never)).toThrow('UserExecutionContext')
  })
})
