// How long wrong sign-ins from other addresses keep a right one waiting, in passwords that are compared before it: the
// bound of docs/golden-path.md, whatever a comparison costs on a machine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
    const signIn = passwordIdentity({ users, hasher, limits: attemptLimits() })
    const ended = { wrong: 0, busy: 0 }
    const guess = async (address: number): Promise<void> => {
      try {
        await signIn({ userName: 'ada', password: `guess ${address}`, address: `2001:db8:${address}::1` })
      } catch (error) {
        if (isContextError(error) && error.code === 'ERR_CONTEXT_SIGN_IN_BUSY') ended.busy++
        else ended.wrong++
      }
    }
    const signInRightly = (): Promise<VerifiedUser> =>
      signIn({ userName: 'ada', password: 'the right password', address: '198.51.100.7' })
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

  test('is over for the right one as soon as the flood is, though the limit of the name is reached', async () => {
    const { guess, ended, signInRightly } = open()
    await Promise.all(Array.from({ length: 150 }, async (_, address) => guess(address)))
    expect(ended.wrong).toBe(150)
    await expect(signInRightly()).resolves.toMatchObject({ userId: 'u-1' })
  })
})
