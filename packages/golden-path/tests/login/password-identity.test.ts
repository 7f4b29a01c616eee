import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isVerifiedUser, type VerifiedUser } from 'user-execution-context'
import { attemptLimitsContract } from '../../src/contracts.ts'
import type { AttemptLimitOptions } from '../../src/login/attempt-bounds.ts'
import { attemptLimits, type AttemptLimits } from '../../src/login/attempt-limits.ts'
import { passwordHasher, type PasswordHasher } from '../../src/login/password-hasher.ts'
import { passwordIdentity, type PasswordCredentials } from '../../src/login/password-identity.ts'
import { fileUserStore, type UserStore } from '../../src/login/user-store.ts'

let directory: string
let users: UserStore
// Real scrypt at a low cost, so that limits can be tried at their edge.
const hasher = passwordHasher({ cost: 1024 })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'users-'))
  users = await fileUserStore(directory)
  await users.add({
    userId: 'u-1',
    userName: 'Ada@x.com',
    password: await hasher.toRecord('correct horse'),
    permissions: ['notes'],
  })
  await users.add({ userId: 'u-2', userName: 'bob', password: await hasher.toRecord('pass\u00e9') })
})
afterAll(() => rm(directory, { recursive: true }))

type SignIn = (credentials: Partial<PasswordCredentials>) => Promise<VerifiedUser>
const signInWith = (options: AttemptLimitOptions = {}, other: PasswordHasher = hasher): SignIn => {
  const signIn = passwordIdentity({ users, hasher: other, limits: attemptLimits(options) })
  return (credentials) =>
    signIn({ userName: 'ada@x.com', password: 'correct horse', address: '10.0.0.1', ...credentials })
}
const refused = { code: 'ERR_CONTEXT_IDENTITY_REFUSED' }
const limited = { code: 'ERR_CONTEXT_SIGN_IN_LIMIT' }

describe('passwordIdentity', () => {
  test('gives a verified user with a session of its own for the right password', async () => {
    const signIn = signInWith()
    const [one, two] = [await signIn({}), await signIn({})]
    expect(isVerifiedUser(one)).toBe(true)
    expect(one).toMatchObject({ userId: 'u-1', permissions: ['notes'], identity: { provider: 'password' } })
    expect(one.sessionId).not.toBe(two.sessionId)
  })

  test('compares user names without case, and passwords in their composed form', async () => {
    await expect(signInWith()({ userName: 'ADA@X.COM' })).resolves.toMatchObject({ userId: 'u-1' })
    await expect(signInWith()({ userName: 'bob', password: 'passe\u0301' })).resolves.toMatchObject({ userId: 'u-2' })
  })

  test.each([
    ['a wrong password', { password: 'Correct horse' }],
    ['an unknown user', { userName: 'nobody' }],
    ['an empty password', { password: '' }],
    ['an endless password', { password: 'x'.repeat(1025) }],
    ['a password that is no text', { password: 7 as unknown as string }],
    ['a user name of the prototype', { userName: '__proto__' }],
  ])('refuses %s', async (_name, credentials) => {
    await expect(signInWith()(credentials)).rejects.toMatchObject(refused)
  })

  test.each([
    ['a user name that is no text', { userName: ['ada@x.com'] as unknown as string }],
    ['an endless user name', { userName: 'x'.repeat(257) }],
    ['an endless password', { password: 'x'.repeat(1025) }],
    ['a password that is no text', { password: ['correct horse'] as unknown as string }],
  ])('begins no attempt for %s', async (_name, credentials) => {
    const given = { userName: 'ada@x.com', password: 'correct horse', address: '10.0.0.1', ...credentials }
    let begun = 0
    const limits = attemptLimits()
    const counting: AttemptLimits = { ...limits, begin: (...parameters) => (begun++, limits.begin(...parameters)) }
    await expect(passwordIdentity({ users, hasher, limits: counting })(given)).rejects.toMatchObject(refused)
    expect(begun).toBe(0)
  })

  test('refuses a disabled user like a wrong password, and takes one who is enabled again', async () => {
    await users.add({ userId: 'u-9', userName: 'eve', password: await hasher.toRecord('right'), isDisabled: true })
    const signIn = signInWith({ perUser: 1 })
    await expect(signIn({ userName: 'eve', password: 'right' })).rejects.toMatchObject(refused)
    await expect(signIn({ userName: 'eve', password: 'right' })).rejects.toMatchObject(limited)
    await users.change('u-9', { isDisabled: false })
    await expect(signInWith()({ userName: 'eve', password: 'right' })).resolves.toMatchObject({ userId: 'u-9' })
  })

  test.each([1, 'true', null])('refuses a user whom a store of yours disables by %j', async (isDisabled) => {
    const found = { userId: 'u-1', userName: 'ada', password: await hasher.toRecord('right'), isDisabled }
    const odd = { ...users, find: async () => found as never }
    const signIn = passwordIdentity({ users: odd, hasher, limits: attemptLimits() })
    const credentials = { userName: 'ada', password: 'right', address: '10.0.0.1' }
    await expect(signIn(credentials)).rejects.toMatchObject(refused)
  })

  test('gives nobody what a polluted Object.prototype holds', async () => {
    const polluted = { permissions: ['admin'], tenantId: 'other', isDisabled: true }
    try {
      Object.assign(Object.prototype, polluted)
      await expect(signInWith()({ userName: 'bob', password: 'pass\u00e9' })).resolves.toMatchObject({
        permissions: [],
        tenantId: undefined,
      })
    } finally {
      for (const name of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[name]
    }
  })

  test('does the work of one hash for an unknown user as for a known one', async () => {
    let compared = 0
    const counting = {
      ...hasher,
      isMatch: (...parameters: Parameters<PasswordHasher['isMatch']>) => (compared++, hasher.isMatch(...parameters)),
    }
    await expect(signInWith({}, counting)({ userName: 'nobody' })).rejects.toMatchObject(refused)
    expect(compared).toBe(1)
  })

  test('takes a similar time for an unknown user', async () => {
    const slow = passwordHasher({ cost: 16_384 })
    const signIn = signInWith({ perAddress: 1000, perUser: 1000 }, slow)
    const fastest: Record<string, number> = { known: Infinity, unknown: Infinity }
    await users.add({ userId: 'u-3', userName: 'slow', password: await slow.toRecord('right') })
    const isApart = (): boolean =>
      Math.max(fastest['known']! / fastest['unknown']!, fastest['unknown']! / fastest['known']!) >= 3
    // On a busy machine, more rounds until each was fast once: work that only one of them does shows in every round.
    for (let round = 0; round < 5 || (round < 40 && isApart()); round++) {
      for (const [name, userName] of [
        ['known', 'slow'],
        ['unknown', 'nobody'],
      ] as const) {
        const startedAt = performance.now()
        await signIn({ userName, password: 'wrong' }).catch(() => undefined)
        fastest[name] = Math.min(fastest[name]!, performance.now() - startedAt)
      }
    }
    // A ratio: without the hash for nobody it is above 50.
    expect(fastest['known']! / fastest['unknown']!).toBeLessThan(3)
    expect(fastest['unknown']! / fastest['known']!).toBeLessThan(3)
  })

  test('stops guessing one user from one address at the limit, and also the right password then', async () => {
    const signIn = signInWith({ perUser: 3 })
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(signIn({ password: 'wrong' })).rejects.toMatchObject(refused)
    await expect(signIn({ password: 'wrong' })).rejects.toMatchObject(limited)
    await expect(signIn({})).rejects.toMatchObject(limited)
    await expect(signIn({ userName: 'bob', password: 'pass\u00e9' })).resolves.toMatchObject({ userId: 'u-2' })
  })

  test('keeps no user out for what others fail at elsewhere', async () => {
    const signIn = signInWith({ perUser: 3, perUserEverywhere: 20 })
    for (let attempt = 0; attempt < 60; attempt++)
      await expect(signIn({ password: 'wrong', address: `10.0.1.${attempt}` })).rejects.toMatchObject(refused)
    await expect(signIn({ address: '10.0.0.7' })).resolves.toMatchObject({ userId: 'u-1' })
  })

  test('allows an address three guesses for a user whom many addresses guess', async () => {
    const signIn = signInWith({ perUser: 10, perUserEverywhere: 5 })
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(signIn({ password: 'wrong', address: `10.0.1.${attempt}` })).rejects.toMatchObject(refused)
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(signIn({ password: 'wrong', address: '10.0.2.1' })).rejects.toMatchObject(refused)
    await expect(signIn({ password: 'wrong', address: '10.0.2.1' })).rejects.toMatchObject(limited)
    await expect(signIn({ address: '10.0.2.2' })).resolves.toMatchObject({ userId: 'u-1' })
  })

  test.each([
    ['of one user', {}],
    ['of one address', { perUser: 1000 }],
  ])('limits no right sign-ins %s, however many come at once', async (_name, limits) => {
    const signIn = signInWith(limits)
    const users = await Promise.all(Array.from({ length: 200 }, () => signIn({})))
    expect(new Set(users.map(({ sessionId }) => sessionId)).size).toBe(200)
  })

  test('limits wrong sign-ins among right ones that come at once', async () => {
    const signIn = signInWith({ perUser: 5, perAddress: 8 })
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const userName = index % 2 === 0 ? 'ada@x.com' : `guess-${index}`
        return signIn({ userName, password: index % 2 === 0 ? 'correct horse' : 'wrong' }).then(
          () => 'in',
          (error: { code: string }) => error.code,
        )
      }),
    )
    expect(outcomes.filter((code) => code === refused.code)).toHaveLength(8)
    expect(outcomes.slice(0, 4)).toContain('in')
  })

  test('allows no more guesses for a user whom many guess than for any other', async () => {
    const limits = attemptLimits({ perUser: 1, perUserEverywhere: 2 })
    for (const address of ['a', 'b', 'c']) (await limits.begin('ada', address)).fail()
    await expect(limits.begin('ada', 'c')).rejects.toMatchObject(limited)
  })

  test('limits unknown users as it limits known ones', async () => {
    const signIn = signInWith({ perUser: 1 })
    await expect(signIn({ userName: 'nobody' })).rejects.toMatchObject(refused)
    await expect(signIn({ userName: 'NOBODY' })).rejects.toMatchObject(limited)
  })

  test('stops guessing many users from one address at the limit', async () => {
    const signIn = signInWith({ perAddress: 3 })
    for (const userName of ['a', 'b', 'c']) await expect(signIn({ userName })).rejects.toMatchObject(refused)
    await expect(signIn({})).rejects.toMatchObject(limited)
    await expect(signIn({ address: '10.0.0.2' })).resolves.toMatchObject({ userId: 'u-1' })
  })

  test('lets parallel guesses not pass together', async () => {
    const signIn = signInWith({ perUser: 3 })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => signIn({ password: 'wrong' }).catch((error: { code: string }) => error.code)),
    )
    expect(outcomes.filter((code) => code === refused.code)).toHaveLength(3)
  })

  test('forgets the failures of a user who signs in, and those of a window that has passed', async () => {
    const signIn = signInWith({ perUser: 2, windowMs: 300 })
    await expect(signIn({ password: 'wrong' })).rejects.toMatchObject(refused)
    await signIn({})
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(signIn({ password: 'wrong' })).rejects.toMatchObject(refused)
    await expect(signIn({})).rejects.toMatchObject(limited)
    await new Promise((resolve) => setTimeout(resolve, 320))
    await expect(signIn({})).resolves.toMatchObject({ userId: 'u-1' })
  })

  test('signs in as often as wanted from one address with the right password', async () => {
    const signIn = signInWith({ perAddress: 2, perUser: 2 })
    for (let attempt = 0; attempt < 5; attempt++) await signIn({})
  })

  test('refuses more hashes at once than may wait, and counts them as no attempt', async () => {
    const signIn = signInWith({ perUser: 4 }, passwordHasher({ cost: 1024, maxRunning: 1, maxWaiting: 1 }))
    const guess = (): Promise<string> =>
      signIn({ password: 'wrong' }).then(
        () => 'in',
        (error: { code: string }) => error.code,
      )
    const outcomes = await Promise.all([guess(), guess(), guess(), guess()])
    expect(outcomes.sort()).toEqual([
      refused.code,
      refused.code,
      'ERR_CONTEXT_SIGN_IN_BUSY',
      'ERR_CONTEXT_SIGN_IN_BUSY',
    ])
    expect([await guess(), await guess(), await guess()]).toEqual([refused.code, refused.code, limited.code])
  })
})

describe('attemptLimits keeps the contract of limits of failed sign-ins', () => {
  test.each(attemptLimitsContract(attemptLimits))('$name', ({ run }) => run())
})

describe('attemptLimits', () => {
  const failAs = async (limits: AttemptLimits, name: string, address: string): Promise<void> =>
    (await limits.begin(name, address)).fail()

  test('remembers a bounded number of names and addresses', async () => {
    const limits = attemptLimits({ perUser: 1, perAddress: 1000, maxKeys: 8 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await failAs(limits, name, '10.0.0.1')
    await expect(limits.begin('a', '10.0.0.1')).resolves.toBeDefined()
    await expect(limits.begin('e', '10.0.0.1')).rejects.toMatchObject(limited)
  })

  test('forgets nobody for the names that a refused address makes up', async () => {
    const limits = attemptLimits({ perUser: 2, perAddress: 3, maxKeys: 12 })
    for (let failure = 0; failure < 2; failure++) await failAs(limits, 'victim', '10.0.0.2')
    for (const name of ['x', 'y', 'z']) await failAs(limits, name, '10.0.0.1')
    for (let name = 0; name < 20; name++)
      await expect(limits.begin(`x${name}`, '10.0.0.1')).rejects.toMatchObject(limited)
    await expect(limits.begin('victim', '10.0.0.2')).rejects.toMatchObject(limited)
  })

  test('has no attempt wait for one that is settled twice, and counts it once', async () => {
    const limits = attemptLimits({ perUser: 2 })
    const first = await limits.begin('a', '10.0.0.1')
    first.fail()
    first.fail()
    first.succeed()
    const [second] = [await limits.begin('a', '10.0.0.1')]
    const third = limits.begin('a', '10.0.0.1')
    second.withdraw()
    ;(await third).fail()
    await expect(limits.begin('a', '10.0.0.1')).rejects.toMatchObject(limited)
  })

  test('holds a bounded number of attempts that wait', async () => {
    const limits = attemptLimits({ perUser: 1 })
    const first = await limits.begin('a', '10.0.0.1')
    const waiting = Array.from({ length: 1000 }, () => limits.begin('a', '10.0.0.1'))
    await expect(limits.begin('a', '10.0.0.1')).rejects.toMatchObject({ code: 'ERR_CONTEXT_SIGN_IN_BUSY' })
    await expect(limits.begin('a', '10.0.0.2')).resolves.toBeDefined()
    first.fail()
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  })

  test.each(['perUser', 'perAddress', 'perUserEverywhere', 'windowMs', 'maxKeys'])(
    'refuses a %s that would limit nothing or everything',
    (path) => {
      for (const value of [Number.NaN, 0, -1, '10' as unknown as number]) {
        expect(() => attemptLimits({ [path]: value })).toThrow(
          expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues: [expect.objectContaining({ path })] }),
        )
      }
    },
  )
})
