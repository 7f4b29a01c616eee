import { describe, expect, test, vi } from 'vitest'
import { createForUser } from '../../src/context/user-execution-context.ts'
import { newUser } from '../users.ts'

const user = newUser('secret-user', { sessionId: 'secret-session' })
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('secret')
    },
  },
)

describe('createForUser', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'It is undefined: look for a sign-in that was left out'],
    ['null', null, 'It is null'],
    ['a user id', 'secret-user', 'It is a string: an id proves nothing'],
    ['a promise of a user', Promise.resolve(user), 'It is a promise: await it.'],
    ['a context', createForUser(user), 'It is a context already: pass it on as it is'],
    ['a spread', { ...user }, 'a copy or a Proxy of a verified user: pass the original'],
    ['an object that inherits from one', Object.create(user), 'a copy or a Proxy of a verified user'],
    ['a Proxy of one', new Proxy(user, {}), 'a copy or a Proxy of a verified user'],
    ['an object that throws when it is read', hostile, 'whose own code fails when it is read'],
    ['any other object', { userId: 'secret-user' }, 'Pass what a function made by identityProvider() returned'],
    ['a function', () => 'secret', 'Pass what a function made by identityProvider() returned'],
  ])('says of %s what it is, what to do in a test, and no value of it', (_what, value, words) => {
    const message = messageFor(value)
    expect(message).toContain('createForUser() was given a user that no identity provider verified')
    expect(message).toContain(words)
    expect(message).toContain('testUser() from @user-execution-context/testing')
    expect(message).not.toContain('secret')
  })
})

describe('createForUser', () => {
  test('says of a user of another copy of the package that it is one, and how copies come to be', async () => {
    vi.resetModules()
    const { vouchForUser } = await import('../../src/identity/verified-user.ts')
    const message = messageFor(vouchForUser('secret-user', { reason: 'another copy' }))
    expect(message).toContain('Another copy of this package made it.')
    expect(message).toContain('npm ls user-execution-context')
    expect(message).not.toContain('secret')
  })
})

function messageFor(value: unknown): string {
  try {
    createForUser(value as never)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It was accepted.')
}
