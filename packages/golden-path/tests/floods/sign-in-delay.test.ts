// How long wrong sign-ins from other addresses keep a right one waiting, in passwords that are compared before it: the
// bound of docs/golden-path.md, whatever a comparison costs on a machine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isContextError, type VerifiedUser } from 'user-execution-context'
import { attemptLimits } from '../../src/login/attempt-limits.ts'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import { passwordIdentity } from '../../src/login/password-identity.ts'
import { fileUserStore, type UserStore } from '../../src/login/user-store.ts'

let directory: string
let users: UserStore
const hasher = passwordHasher({ cost: 16 })
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sign-in-delay-'))
  users = await fileUserStore(directory)
  await users.add({ userId: 'u-1', userName: 'ada', password: await hasher.toRecord('the right password') })
})
afterAll(() => rm(directory, { recursive: true }))

describe('a flood of wrong sign-ins for one user, each from another address', () => {
  const open = () => {
    // One that knows nothing yet of where passwords were wrong.
    const signIn = passwordIdentity({ users, hasher: passwordHasher({ cost: 16 }), limits: attemptLimits() })
    const ended = { wrong: 0, busy: 0 }
    const guess = async (address: number): Promise<void> => {
      try {
        await signIn({ userName: 'ada', password: `guess ${address}`, address: `2001:db8:${address}::1` })
      } catch (error) {
        if (isContextError(error) && error.code === 'ERR_CONTEXT_SIGN_IN_BUSY') ended.busy++
        else ended.wrong++
      }
    }
    const signInRightly = (address = '198.51.100.7'): Promise<VerifiedUser> =>
      signIn({ userName: 'ada', password: 'the right password', address })
    return { guess, ended, signInRightly }
  }

  test('keeps the right one waiting for no more comparisons than wait and run when it comes', async () => {
    const { guess, ended, signInRightly } = open()
    // Two run, 255 wait: one place is left.
    const before = Array.from({ length: 257 }, async (_, address) => guess(address))
    await new Promise((resolve) => setImmediate(resolve))
    const asked = ended.wrong
    const right = signInRightly()
    // What comes after it must not overtake it.
    const after = Array.from({ length: 300 }, async (_, address) => guess(1000 + address))
    await expect(right).resolves.toMatchObject({ userId: 'u-1' })
    // As many as run at once may end in the same turn.
    expect(ended.wrong - asked).toBeLessThanOrEqual(257 + 2)
    await Promise.all([...before, ...after])
    expect(ended.busy).toBeGreaterThan(0)
  })

  test('refuses no right one of its first moment from where the user has signed in before', async () => {
    const { guess, ended, signInRightly } = open()
    await signInRightly()
    // All at once, so that no comparison has ended when the right ones come.
    const guesses = Array.from({ length: 400 }, async (_, address) => guess(address))
    let compared = 0
    const right = signInRightly().then(() => void (compared = ended.wrong))
    const [here, elsewhere] = await Promise.allSettled([right, signInRightly('198.51.100.9')])
    expect(here.status).toBe('fulfilled')
    // From there no guess is known to be wrong, and no other sign-in to have been right: the newest gives way.
    expect(elsewhere).toMatchObject({ reason: { code: 'ERR_CONTEXT_SIGN_IN_BUSY' } })
    expect(compared).toBeLessThanOrEqual(256 + 2 + 2)
    await Promise.all(guesses)
    expect(ended.busy).toBeGreaterThanOrEqual(400 - 256 - 2)
  })

  test('is over for the right one as soon as the flood is, though the limit of the name is reached', async () => {
    const { guess, ended, signInRightly } = open()
    await Promise.all(Array.from({ length: 150 }, async (_, address) => guess(address)))
    expect(ended.wrong).toBe(150)
    await expect(signInRightly()).resolves.toMatchObject({ userId: 'u-1' })
  })
})

describe('a flood of wrong sign-ins that goes on, from 300 networks', () => {
  let flood = { isOver: false }
  afterEach(() => void (flood.isOver = true))

  /** Each network guesses again as soon as it was answered, for a name that was not limited there yet. */
  const open = (toAddress: (network: number, guess: number) => string) => {
    const signIn = passwordIdentity({ users, hasher, limits: attemptLimits({ perAddress: 1e6 }) })
    const compared = { failures: 0 }
    const mine = (flood = { isOver: false })
    const attack = async (network: number): Promise<void> => {
      for (let guess = 0; !mine.isOver; guess++) {
        const userName = guess % 5 === 0 ? 'ada' : `name-${network}-${guess}`
        const code = await codeOf(signIn({ userName, password: 'wrong', address: toAddress(network, guess) }))
        if (code === 'ERR_CONTEXT_IDENTITY_REFUSED') compared.failures++
        // A client that was refused tries again a moment later.
        else await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    for (let network = 0; network < 300; network++) void attack(network)
    const comparedSoMany = async (count: number): Promise<void> => {
      while (compared.failures < count && !mine.isOver) await new Promise((resolve) => setImmediate(resolve))
    }
    const signInRightly = (address = '198.51.100.7'): Promise<VerifiedUser> =>
      signIn({ userName: 'ada', password: 'the right password', address })
    return { compared, comparedSoMany, signInRightly, signIn }
  }
  const codeOf = (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      () => 'in',
      (error: unknown) => (isContextError(error) ? error.code : String(error)),
    )

  test.each<[string, (network: number, guess: number) => string]>([
    ['IPv6, a network of its own each', (network) => `2001:db8:${network.toString(16)}::/64`],
    ['IPv4', (network) => `203.0.${Math.floor(network / 200)}.${network % 200}`],
    [
      'another /64 of its /48 for each guess',
      (network, guess) => `2001:db8:${network.toString(16)}:${(guess % 9999).toString(16)}::/64`,
    ],
    [
      'another /64 of one /56 for each guess',
      (network, guess) => `2001:db8::${((network * 7 + guess) % 256).toString(16)}:0:0:0:0`,
    ],
  ])('refuses no right one, and delays it by no more comparisons than wait: %s', async (_what, toAddress) => {
    const { compared, comparedSoMany, signInRightly } = open(toAddress)
    await comparedSoMany(300)
    const answers: string[] = []
    let latest = 0
    for (let count = 0; count < 8; count++) {
      const before = compared.failures
      answers.push(await codeOf(signInRightly()))
      latest = Math.max(latest, compared.failures - before)
    }
    expect(answers).toEqual(Array.from({ length: 8 }, () => 'in'))
    // One for each that waits, those that run, and those that end in the same turn.
    expect(latest).toBeLessThanOrEqual(256 + 2 + 2)
  })

  test('lets the user in who mistyped the password once before', async () => {
    const { comparedSoMany, signIn, signInRightly } = open((network) => `2001:db8:${network.toString(16)}::/64`)
    await comparedSoMany(900)
    expect(await codeOf(signIn({ userName: 'ada', password: 'typo', address: '198.51.100.8' }))).toBe(
      'ERR_CONTEXT_IDENTITY_REFUSED',
    )
    expect(await codeOf(signInRightly('198.51.100.8'))).toBe('in')
  })

  test('refuses a right one at its beginning for no more comparisons than it has networks', async () => {
    const { compared, signInRightly } = open((network) => `2001:db8:${network.toString(16)}::/64`)
    await new Promise((resolve) => setImmediate(resolve))
    let code = ''
    for (;;) {
      const before = compared.failures
      code = await codeOf(signInRightly())
      if (code === 'in') break
      expect([code, before < 300]).toEqual(['ERR_CONTEXT_SIGN_IN_BUSY', true])
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(code).toBe('in')
  })
})

describe('wrong sign-ins by the hundred, from a few addresses', () => {
  const open = () => passwordIdentity({ users, hasher, limits: attemptLimits() })
  const flood = (
    signIn: ReturnType<typeof open>,
    addresses: number,
    each: number,
    toName: (index: number) => string,
  ) => {
    const ended: string[] = []
    const settled = Array.from({ length: addresses * each }, async (_, index) =>
      signIn({ userName: toName(index), password: 'wrong', address: `203.0.113.${index % addresses}` }).catch(
        (error: unknown) => void ended.push(isContextError(error) ? error.code : String(error)),
      ),
    )
    return { ended, settled: Promise.all(settled) }
  }
  const right = { userName: 'ada', password: 'the right password', address: '198.51.100.7' }

  test.each<[string, (index: number) => string]>([
    ['another name each', (index) => `name-${index}`],
    ['the name of the right one', (index) => (index % 2 === 0 ? 'ada' : `name-${index}`)],
  ])('delay a right one by a comparison for each address, and refuse it never: %s', async (_name, toName) => {
    const signIn = open()
    const { ended, settled } = flood(signIn, 6, 50, toName)
    await new Promise((resolve) => setImmediate(resolve))
    const before = ended.filter((code) => code === 'ERR_CONTEXT_IDENTITY_REFUSED').length
    await expect(signIn(right)).resolves.toMatchObject({ userId: 'u-1' })
    const compared = ended.filter((code) => code === 'ERR_CONTEXT_IDENTITY_REFUSED').length - before
    // One of each address, those that run, and those that end in the same turn.
    expect(compared).toBeLessThanOrEqual(6 + 2 + 2)
    await settled
  })

  test('delay a right one at the same address by a comparison for each name', async () => {
    const signIn = open()
    const { ended, settled } = flood(signIn, 1, 40, (index) => `name-${index % 4}`)
    await new Promise((resolve) => setImmediate(resolve))
    const before = ended.length
    await expect(signIn({ ...right, address: '203.0.113.0' })).resolves.toMatchObject({ userId: 'u-1' })
    expect(ended.length - before).toBeLessThanOrEqual(4 + 2 + 2)
    await settled
  })
})

describe('a hasher whose queue is full', () => {
  test('refuses the newest of the address with most waiting, and takes one of another address', async () => {
    const full = passwordHasher({ cost: 16, maxRunning: 1, maxWaiting: 4 })
    const ended: string[] = []
    const work = async (name: string, address: string, userName = 'ada'): Promise<void> =>
      full.isMatch('x', undefined, { address, userName }).then(
        () => void ended.push(name),
        (error: unknown) => void ended.push(`${name} ${isContextError(error) ? error.code : ''}`),
      )
    const all = [work('running', 'a')]
    for (const name of ['a1', 'a2', 'a3']) all.push(work(name, 'a'))
    all.push(work('b1', 'b'), work('c1', 'c'), work('d1', 'd', 'bob'))
    await Promise.all(all)
    const busy = ['a3', 'a2'].map((name) => `${name} ERR_CONTEXT_SIGN_IN_BUSY`)
    expect(ended).toEqual([...busy, 'running', 'a1', 'b1', 'c1', 'd1'])
  })

  test('refuses nobody else for the second that waits where one was right before, nor after a wrong one', async () => {
    const full = passwordHasher({ cost: 16, maxRunning: 1, maxWaiting: 2 })
    const record = await full.toRecord('right')
    const work = (address: string, password: string): Promise<boolean> =>
      full.isMatch(password, record, { address, userName: 'ada' })
    const settle = async (all: readonly Promise<boolean>[]) =>
      (await Promise.allSettled(all)).map((answer) => (answer.status === 'fulfilled' ? answer.value : 'busy'))
    await work('known', 'right')
    expect(await settle(['x', 'y', 'known'].map((from) => work(from, 'right')).concat(work('known', 'right')))).toEqual(
      [true, true, true, 'busy'],
    )
    await work('known', 'wrong')
    expect(await settle(['x', 'y', 'z', 'known'].map((from) => work(from, 'right')))).toEqual([
      true,
      true,
      true,
      'busy',
    ])
  })

  test('refuses, of addresses alike, the one whose name has most waiting', async () => {
    const full = passwordHasher({ cost: 16, maxRunning: 1, maxWaiting: 2 })
    const work = (address: string, userName: string): Promise<boolean> =>
      full.isMatch('x', undefined, { address, userName })
    const all = [work('a', 'ada'), work('b', 'ada'), work('c', 'ada'), work('d', 'bob')]
    const answers = await Promise.allSettled(all)
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  })
})
