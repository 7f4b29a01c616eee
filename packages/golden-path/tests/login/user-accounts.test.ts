import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createForUser,
  isLive,
  liveSessions,
  toOwnerKey,
  watchIdentity,
  type LiveSessions,
  type VerifiedUser,
} from 'user-execution-context'
import { accessTokens, type AccessTokens } from '../../src/login/access-tokens.ts'
import { fileRevocationStore } from '../../src/login/file-revocation-store.ts'
import { attemptLimits } from '../../src/login/attempt-limits.ts'
import { passwordHasher, type PasswordHasher } from '../../src/login/password-hasher.ts'
import { passwordIdentity } from '../../src/login/password-identity.ts'
import { fileSigningSecret } from '../../src/login/signing-secret.ts'
import { userAccounts, type UserAccounts } from '../../src/login/user-accounts.ts'
import { fileUserStore, type UserStore } from '../../src/login/user-store.ts'

let directory: string
let users: UserStore
let sessions: LiveSessions
let tokens: AccessTokens
let accounts: UserAccounts
const hasher = passwordHasher({ cost: 1024 })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'accounts-'))
  users = await fileUserStore(directory)
  sessions = liveSessions({ maxProofMs: 43_260_000 })
  const secret = await fileSigningSecret(directory)
  tokens = accessTokens({ issuer: 'here', audience: 'here', secret, sessions, users })
  accounts = userAccounts({ users, hasher, sessions, namespace: 'here' })
  for (const [userName, tenantId] of [
    ['ada', 'acme'],
    ['bob', undefined],
  ] as const) {
    const password = await hasher.toRecord('right')
    await users.add({ userId: `id-${userName}`, userName, password, tenantId, permissions: ['read', 'write'] })
  }
})
afterEach(() => rm(directory, { recursive: true }))

const signIn = async (userName: string, password = 'right'): Promise<readonly [string, VerifiedUser]> => {
  // A sign-in of the very millisecond of a sign-out would be refused with it.
  await pause(2)
  const { accessToken } = await tokens.issue(await newSignIn()({ ...credentials, userName, password }))
  return [accessToken, await tokens.identity(accessToken)]
}
const newSignIn = (other: PasswordHasher = hasher): ReturnType<typeof passwordIdentity> =>
  passwordIdentity({ users, hasher: other, limits: attemptLimits(), namespace: 'here', sessions })
const credentials = { userName: 'ada', password: 'right', address: '10.0.0.1' }
const revoked = { code: 'ERR_CONTEXT_IDENTITY_REVOKED' }
const refused = { code: 'ERR_CONTEXT_IDENTITY_REFUSED' }

describe('userAccounts', () => {
  test.each<[string, () => Promise<void>, string | undefined]>([
    ['disabled', () => accounts.disable('id-ada'), undefined],
    ['removed', () => accounts.remove('id-ada'), undefined],
    ['given a new password', () => accounts.changePassword('id-ada', 'new'), 'new'],
    ['signed out everywhere', () => accounts.signOutEverywhere('id-ada'), 'right'],
  ])('ends what was made for a user who is %s, and nothing of another', async (_name, change, passwordNow) => {
    const [first, second, other] = [await signIn('ada'), await signIn('ada'), await signIn('bob')]
    await change()
    for (const [token, user] of [first, second]) {
      expect(isLive(user)).toBe(false)
      await expect(tokens.identity(token)).rejects.toMatchObject(revoked)
      await expect(tokens.renew(token)).rejects.toMatchObject(revoked)
    }
    expect(isLive(other[1])).toBe(true)
    await expect(tokens.renew(other[0])).resolves.toBeDefined()
    if (passwordNow === undefined) await expect(signIn('ada')).rejects.toMatchObject(refused)
    else expect(isLive((await signIn('ada', passwordNow))[1])).toBe(true)
  })

  test('ends with the reason rights_changed what was made before a right is taken away', async () => {
    const [token, user] = await signIn('ada')
    const reasons: string[] = []
    watchIdentity(user, (_error, reason) => reasons.push(reason))
    await accounts.setPermissions('id-ada', ['read'])
    expect(reasons).toEqual(['rights_changed'])
    await expect(tokens.renew(token)).rejects.toMatchObject(revoked)
    expect((await signIn('ada'))[1].permissions).toEqual(['read'])
  })

  test('changes nothing that exists when a right is added, which a renewal brings', async () => {
    const [token, user] = await signIn('ada')
    await accounts.setPermissions('id-ada', ['write', 'read', 'admin'])
    expect([isLive(user), user.permissions]).toEqual([true, ['read', 'write']])
    const renewed = await tokens.identity((await tokens.renew(token)).accessToken)
    expect(renewed.permissions).toEqual(['write', 'read', 'admin'])
  })

  test('lets an enabled user sign in again', async () => {
    await accounts.disable('id-bob')
    await expect(signIn('bob')).rejects.toMatchObject(refused)
    await accounts.enable('id-bob')
    expect(isLive((await signIn('bob'))[1])).toBe(true)
  })

  test('lets no token live on that is renewed while its user is signed out everywhere', async () => {
    const [token] = await signIn('ada')
    const renewing = tokens.renew(token)
    await accounts.signOutEverywhere('id-ada')
    const renewed = await renewing.catch(() => undefined)
    if (renewed !== undefined) await expect(tokens.identity(renewed.accessToken)).rejects.toMatchObject(revoked)
    // The same, with a renewal that was finished after the sign-out by a clock that counts seconds.
    const [other] = await signIn('ada')
    const { accessToken } = await tokens.renew(other)
    await accounts.signOutEverywhere('id-ada')
    await expect(tokens.identity(accessToken)).rejects.toMatchObject(revoked)
  })

  test('says that there is no user of an id', async () => {
    const unknown = { code: 'ERR_CONTEXT_USER_UNKNOWN' }
    for (const change of [accounts.disable, accounts.enable, accounts.remove, accounts.signOutEverywhere])
      await expect(change('id-eve')).rejects.toMatchObject(unknown)
    await expect(accounts.setPermissions('id-eve', [])).rejects.toMatchObject(unknown)
    await expect(accounts.changePassword('id-eve', 'x')).rejects.toMatchObject(unknown)
  })

  test('means one owner by the user of a password and the user of their token, and ends both', async () => {
    const signedIn = await newSignIn()(credentials)
    const byToken = await tokens.identity((await tokens.issue(signedIn)).accessToken)
    const [owner, ownerByToken] = [signedIn, byToken].map((user) => toOwnerKey(createForUser(user)))
    expect(ownerByToken).toBe(owner)
    await accounts.signOutEverywhere('id-ada')
    expect([isLive(signedIn), isLive(byToken)]).toEqual([false, false])
  })

  test.each([
    ['disabled', () => accounts.disable('id-ada')],
    ['demoted', () => accounts.setPermissions('id-ada', ['read'])],
    ['signed out everywhere', () => accounts.signOutEverywhere('id-ada')],
  ])('signs nobody in who is %s while the password is compared', async (_name, change) => {
    const slow: PasswordHasher = {
      ...hasher,
      isMatch: async (...compared) => {
        await change()
        return hasher.isMatch(...compared)
      },
    }
    await expect(newSignIn(slow)(credentials)).rejects.toMatchObject(revoked)
  })
})

describe('a change of a user whose revocation the disk does not take', () => {
  // A directory in place of the file: nothing is written to it, and nothing moved there.
  const breakDisk = async (): Promise<void> => {
    await rm(join(directory, 'revocations.jsonl'), { force: true, recursive: true })
    await mkdir(join(directory, 'revocations.jsonl', 'in-the-way'), { recursive: true })
  }
  const mendDisk = (): Promise<void> => rm(join(directory, 'revocations.jsonl'), { recursive: true })
  const restart = async (store: UserStore = users): Promise<void> => {
    sessions = liveSessions({ maxProofMs: 43_260_000, store: await fileRevocationStore(directory) })
    const secret = await fileSigningSecret(directory)
    tokens = accessTokens({ issuer: 'here', audience: 'here', secret, sessions, users })
    accounts = userAccounts({ users: store, hasher, sessions, namespace: 'here' })
  }
  beforeEach(() => restart())

  const changes: readonly [string, () => Promise<void>][] = [
    ['a right is taken away', () => accounts.setPermissions('id-ada', ['read'])],
    ['removed', () => accounts.remove('id-ada')],
    ['disabled', () => accounts.disable('id-ada')],
    ['given a new password', () => accounts.changePassword('id-ada', 'new')],
    ['signed out everywhere', () => accounts.signOutEverywhere('id-ada')],
  ]

  test.each(changes)('is repeated by the process of after a restart: %s', async (_name, change) => {
    const [token] = await signIn('ada')
    await breakDisk()
    await expect(change()).rejects.toBeDefined()
    // The process ends before the disk takes it by itself.
    await mendDisk()
    await restart()
    await change()
    await expect(tokens.identity(token)).rejects.toMatchObject(revoked)
    await restart()
    await expect(tokens.identity(token)).rejects.toMatchObject(revoked)
  })

  test('leaves the rights as they were, and the user there and disabled', async () => {
    await breakDisk()
    await expect(accounts.setPermissions('id-ada', ['read'])).rejects.toBeDefined()
    expect((await users.findById('id-ada'))?.permissions).toEqual(['read', 'write'])
    await expect(accounts.remove('id-ada')).rejects.toBeDefined()
    expect((await users.findById('id-ada'))?.isDisabled).toBe(true)
    await mendDisk()
    await accounts.remove('id-ada')
    expect(await users.findById('id-ada')).toBeUndefined()
  })

  test('is repeated also where the disk fails once the right is gone from the store', async () => {
    let token: string | undefined
    await restart({
      ...users,
      change: async (...change) => {
        const before = await users.change(...change)
        if (token !== undefined) return before
        // Somebody who signed in with the old rights, just before they went.
        ;[token] = await signIn('ada')
        await breakDisk()
        return before
      },
    })
    await expect(accounts.setPermissions('id-ada', ['read'])).rejects.toBeDefined()
    await mendDisk()
    await accounts.setPermissions('id-ada', ['read'])
    await restart()
    await expect(tokens.identity(token!)).rejects.toMatchObject(revoked)
  })
})
