import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { vouchForUser } from 'user-execution-context/restricted'
import {
  identityProvider,
  liveSessions,
  type LiveSessions,
  type VerifiedFacts,
  type VerifiedUser,
} from 'user-execution-context'
import { accessTokens, type AccessTokens, type AccessTokensOptions } from '../../src/login/access-tokens.ts'
import { fileRevocationStore } from '../../src/login/file-revocation-store.ts'
import { fileSigningSecret } from '../../src/login/signing-secret.ts'
import { ticketOfficeContract } from '../../src/contracts.ts'
import { ticketOffice } from '../../src/login/ticket-office.ts'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import type { StoredUser } from '../../src/login/stored-user.ts'
import { fileUserStore, type UserStore } from '../../src/login/user-store.ts'

let directory: string
let sessions: LiveSessions
let tokens: AccessTokens
let users: UserStore
const ada: VerifiedUser = vouchForUser('u-1', {
  reason: 'test of access tokens',
  namespace: 'here',
  sessionId: 's-1',
  tenantId: 'acme',
  permissions: ['notes.read', 'notes.write'],
})

const openSessions = async (): Promise<LiveSessions> =>
  liveSessions({ maxProofMs: 43_260_000, store: await fileRevocationStore(directory) })
const stored: StoredUser = {
  userId: 'u-1',
  userName: 'ada',
  password: await passwordHasher({ cost: 1024 }).toRecord('secret'),
  tenantId: 'acme',
  permissions: ['notes.read', 'notes.write'],
}

const open = async (options: Partial<AccessTokensOptions> = {}): Promise<AccessTokens> =>
  accessTokens({
    issuer: 'here',
    audience: 'here',
    secret: await fileSigningSecret(directory),
    sessions,
    users,
    ...options,
  })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tokens-'))
  sessions = await openSessions()
  users = await fileUserStore(directory)
  await users.add(stored)
  tokens = await open()
})
afterEach(() => rm(directory, { recursive: true }))

describe('accessTokens', () => {
  test('issues a token that gives the same user back', async () => {
    const { accessToken, tokenType, expiresIn } = await tokens.issue(ada)
    expect({ tokenType, expiresIn }).toEqual({ tokenType: 'Bearer', expiresIn: 900 })
    expect(await tokens.identity(accessToken)).toMatchObject({
      userId: 'u-1',
      sessionId: 's-1',
      tenantId: 'acme',
      permissions: ['notes.read', 'notes.write'],
    })
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: 'HS256', typ: 'at+jwt' })
  })

  test.each(['ann@clients', 'mch_ann'])(
    'is good for a person whose id looks like a machine of another: %s',
    async (id) => {
      await users.add({ ...stored, userId: id, userName: 'ann' })
      const ann = vouchForUser(id, { reason: 'test of access tokens', namespace: 'here', tenantId: 'acme' })
      const { accessToken } = await tokens.issue(ann)
      const { accessToken: renewed } = await tokens.renew(accessToken)
      for (const token of [accessToken, renewed]) {
        const user = await tokens.identity(token)
        expect(user).toMatchObject({ userId: id, tenantId: 'acme' })
        expect(user.identity.kind).toBe('person')
      }
    },
  )

  test('issues nothing for somebody who only looks like a user', async () => {
    await expect(tokens.issue({ ...ada } as VerifiedUser)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_USER_NOT_VERIFIED',
    })
  })

  test.each(['elsewhere', 'Here', 'here/', undefined])(
    'issues nothing for a user of the namespace %s',
    async (namespace) => {
      const user = vouchForUser('u-1', { reason: 'test', sessionId: 's-1', ...(namespace && { namespace }) })
      await expect(tokens.issue(user)).rejects.toMatchObject({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [{ path: 'namespace', kind: 'does not fit' }],
      })
    },
  )

  test.each<[string, Partial<VerifiedFacts>]>([
    ['actors', { actors: [{ name: 'planner', kind: 'agent' }] }],
    ['kind', { kind: 'service' }],
    ['origin', { origin: { requestId: 'r-1', depth: 3, provider: 'oidc' } }],
  ])('issues nothing that would lose what the proof says of who acts: %s', async (path, more) => {
    const facts = { userId: 'u-1', tenantId: 'acme', sessionId: 's-1', issuedAtMs: Date.now() }
    const signIn = (given: Partial<VerifiedFacts>): Promise<VerifiedUser> =>
      identityProvider({ name: 'proxy', namespace: 'here', verify: () => ({ ...facts, ...given }) })(undefined)
    await expect(tokens.issue(await signIn(more))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [{ path, kind: 'refused by policy' }],
      message: expect.stringContaining('sealContext()') as string,
    })
    await expect(tokens.issue(await signIn({ actors: [], kind: 'person' }))).resolves.toHaveProperty('accessToken')
  })

  test.each(['of the registry of the tokens', 'of no registry'])(
    'issues nothing after a sign-out for a user who signed in before, with a proof %s',
    async (where) => {
      const signIn = identityProvider({
        name: 'own',
        namespace: 'here',
        sessions: where === 'of no registry' ? undefined : sessions,
        verify: (issuedAtMs: number | undefined) => ({ userId: 'u-1', sessionId: 's-1', tenantId: 'acme', issuedAtMs }),
      })
      const before = [await signIn(Date.now()), await signIn(undefined)]
      await sessions.revoke({ user: { namespace: 'here', tenantId: 'acme', userId: 'u-1' } })
      for (const user of before)
        await expect(tokens.issue(user)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
      await pause(2)
      const { accessToken } = await tokens.issue(await signIn(Date.now()))
      expect((await tokens.identity(accessToken)).userId).toBe('u-1')
    },
  )

  test('counts a token as issued when its user signed in, so that a sign-out in between ends it', async () => {
    const signIn = identityProvider({
      name: 'own',
      namespace: 'here',
      verify: (issuedAtMs: number) => ({ userId: 'u-1', sessionId: 's-1', tenantId: 'acme', issuedAtMs }),
    })
    const signedInAtMs = Date.now() - 5_000
    const { accessToken } = await tokens.issue(await signIn(signedInAtMs))
    expect(Math.round((await tokens.identity(accessToken)).issuedAtMs!)).toBe(signedInAtMs)
    // A provider whose clock runs ahead.
    const ahead = await tokens.issue(await signIn(Date.now() + 60_000))
    await sessions.revoke({ user: { namespace: 'here', tenantId: 'acme', userId: 'u-1' } })
    for (const token of [accessToken, ahead.accessToken])
      await expect(tokens.identity(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
  })

  test('renews a token for the same subject and session, with a later end', async () => {
    const first = await (await open({ lifetimeSeconds: 100 })).issue(ada)
    const renewed = await tokens.renew(first.accessToken)
    expect(await tokens.identity(renewed.accessToken)).toMatchObject({ userId: 'u-1', sessionId: 's-1' })
    expect(decodeJwt(renewed.accessToken).exp! - decodeJwt(first.accessToken).exp!).toBeGreaterThan(700)
  })

  test('renews no longer than the session lasts from its sign-in', async () => {
    const short = await open({ sessionSeconds: 300 })
    const { accessToken, expiresIn } = await short.issue(ada)
    expect(expiresIn).toBeLessThanOrEqual(300)
    expect((await short.renew(accessToken)).expiresIn).toBeLessThanOrEqual(300)
    vi.useFakeTimers({ now: Date.now() + 2000, toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    await expect((await open({ sessionSeconds: 1 })).renew(accessToken)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_IDENTITY_EXPIRED',
    })
  })

  test.each([undefined, 'now', null])('renews no token whose time of sign-in is %j', async (signedInAt) => {
    const secret = await fileSigningSecret(directory)
    const token = await new SignJWT({ sid: 's-1', auth_time: signedInAt })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: secret.kid! })
      .setSubject('u-1')
      .setIssuer('here')
      .setAudience('here')
      .setExpirationTime('1h')
      .sign(Buffer.from(secret.k as string, 'base64url'))
    await expect(tokens.renew(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_CLAIMS' })
  })

  test('accepts no token of a session that was signed out, renewed ones included, also after a restart', async () => {
    const { accessToken } = await tokens.issue(ada)
    const renewed = await tokens.renew(accessToken)
    const other = await tokens.issue(vouchForUser('u-1', { reason: 'test', namespace: 'here', sessionId: 's-2' }))
    await tokens.signOut(accessToken)
    sessions = await openSessions()
    for (const now of [tokens, await open()]) {
      for (const token of [accessToken, renewed.accessToken]) {
        await expect(now.identity(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
        await expect(now.renew(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
      }
      await expect(now.identity(other.accessToken)).resolves.toMatchObject({ userId: 'u-1' })
    }
  })

  const refused = { code: 'ERR_CONTEXT_IDENTITY_REFUSED' }
  test('renews with the permissions that the user has now', async () => {
    const { accessToken } = await tokens.issue(ada)
    const permissionsAfter = async (permissions: readonly string[] | undefined): Promise<unknown> => {
      await users.change('u-1', { permissions })
      return (await tokens.identity((await tokens.renew(accessToken)).accessToken)).permissions
    }
    expect(await permissionsAfter(['notes.read'])).toEqual(['notes.read'])
    expect(await permissionsAfter(['notes.read', 'admin'])).toEqual(['notes.read', 'admin'])
    try {
      Object.assign(Object.prototype, { permissions: ['admin'] })
      expect(await permissionsAfter(undefined)).toEqual([])
    } finally {
      delete (Object.prototype as { permissions?: unknown }).permissions
    }
  })

  test.each<[string, () => Promise<unknown>]>([
    ['removed', () => users.remove('u-1')],
    ['disabled', () => users.change('u-1', { isDisabled: true })],
    ['moved', () => users.remove('u-1').then(() => users.add({ ...stored, tenantId: 'other' }))],
  ])('renews nothing for a user who was %s', async (_name, change) => {
    const { accessToken } = await tokens.issue(ada)
    await change()
    await expect(tokens.renew(accessToken)).rejects.toMatchObject(refused)
  })

  // What a store of plain JavaScript gives: many databases have null for nobody, and 1 for true.
  const { tenantId: _tenant, ...untenanted } = stored
  test.each<[string, unknown]>([
    ['null', null],
    ['false', false],
    ['an empty record', {}],
    ['another user', { ...untenanted, userId: 'u-9' }],
    ['a user who is disabled by 1', { ...untenanted, isDisabled: 1 }],
    ['a user who is disabled by a text', { ...untenanted, isDisabled: 'true' }],
  ])('renews nothing where the store gives %s', async (_what, found) => {
    const odd = await open({ users: { findById: async () => found as StoredUser } })
    const user = vouchForUser('u-1', { reason: 'test of access tokens', namespace: 'here', sessionId: 's-1' })
    const { accessToken } = await odd.issue(user)
    await expect(odd.renew(accessToken)).rejects.toMatchObject(refused)
  })

  test.each<[string, unknown]>([
    ['a name with a space', 'notes.read admin'],
    ['no text', 7],
  ])('renews with no right that is %s: in a token it would be others', async (_what, name) => {
    const permissions = ['notes.read', name] as string[]
    const odd = await open({ users: { findById: async () => ({ ...stored, permissions }) } })
    const { accessToken } = await odd.issue(ada)
    await expect(odd.renew(accessToken)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_IDENTITY',
      issues: [{ path: 'permissions[1]' }],
    })
  })

  test('renews nothing for a user without a tenant of whom there is none any more', async () => {
    const { accessToken } = await tokens.issue(
      vouchForUser('u-2', { reason: 'test', namespace: 'here', sessionId: 's-2' }),
    )
    await expect(tokens.renew(accessToken)).rejects.toMatchObject(refused)
  })

  test('takes no token of another type that the same secret signed (RFC 8725 section 3.11)', async () => {
    const secret = await fileSigningSecret(directory)
    const sign = (typ?: string): Promise<string> =>
      new SignJWT({ sub: 'u-1', iss: 'here', aud: 'here', exp: Math.floor(Date.now() / 1000) + 60 })
        .setProtectedHeader({ alg: 'HS256', kid: secret.kid!, ...(typ !== undefined && { typ }) })
        .sign(Buffer.from(secret.k as string, 'base64url'))
    await expect(tokens.identity(await sign('at+jwt'))).resolves.toMatchObject({ userId: 'u-1' })
    for (const typ of [undefined, 'JWT', 'ticket+jwt'])
      await expect(tokens.identity(await sign(typ))).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_TYPE' })
  })

  test('reports a secret that cannot be decoded where it is needed, and leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const broken = await open({ secret: { kty: 'oct', alg: 'HS256', k: `${'A'.repeat(60)}!` } })
    await new Promise((resolve) => setTimeout(resolve, 30))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
    await expect(broken.issue(ada)).rejects.toThrow()
  })

  test('accepts no token of another installation', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'tokens-'))
    const foreign = await (await open({ secret: await fileSigningSecret(elsewhere) })).issue(ada)
    await rm(elsewhere, { recursive: true })
    await expect(tokens.identity(foreign.accessToken)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_KEY' })
  })
})

describe('fileSigningSecret', () => {
  test('makes a secret of its own for each directory, keeps it, and lets only its owner read it', async () => {
    const secret = await fileSigningSecret(directory)
    expect(await fileSigningSecret(directory)).toEqual(secret)
    expect(Buffer.from(secret.k!, 'base64url')).toHaveLength(32)
    expect((await stat(join(directory, 'signing-secret.json'))).mode & 0o777).toBe(0o600)
  })

  test('does not replace a file that it cannot read', async () => {
    await writeFile(join(directory, 'signing-secret.json'), '{"kty":"oct"}')
    await expect(fileSigningSecret(directory)).rejects.toMatchObject({ code: 'ERR_CONTEXT_STORE_UNREADABLE' })
  })
})

describe('ticketOffice keeps the contract of an office of tickets', () => {
  test.each(ticketOfficeContract(ticketOffice))('$name', ({ run }) => run())
})

describe('ticketOffice', () => {
  const refused = { code: 'ERR_CONTEXT_TICKET_REFUSED' }

  test('gives a token back once', async () => {
    const office = ticketOffice()
    const ticket = await office.issue('s-1', 'token-1')
    expect(ticket).toMatch(/^[\w-]{43}$/)
    expect(await office.redeem(ticket)).toBe('token-1')
    await expect(office.redeem(ticket)).rejects.toMatchObject(refused)
    await expect(office.redeem('unknown')).rejects.toMatchObject(refused)
  })

  test('gives a token to one of two who come at once', async () => {
    const office = ticketOffice()
    const ticket = await office.issue('s-1', 'token-1')
    const outcomes = await Promise.allSettled([office.redeem(ticket), office.redeem(ticket)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('ends a ticket with its time', async () => {
    const office = ticketOffice({ lifetimeMs: 30 })
    const ticket = await office.issue('s-1', 'token-1')
    await new Promise((resolve) => setTimeout(resolve, 60))
    await expect(office.redeem(ticket)).rejects.toMatchObject(refused)
    // Also when the process was too busy for its timers.
    const late = await office.issue('s-1', 'token-1')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
    await expect(office.redeem(late)).rejects.toMatchObject(refused)
  })

  test('holds a bounded number of tickets for a session, and none of them costs another session', async () => {
    const office = ticketOffice({ maxPerSession: 2 })
    const other = await office.issue('s-2', 'token-2')
    const [first, second, third] = [
      await office.issue('s-1', 'a'),
      await office.issue('s-1', 'b'),
      await office.issue('s-1', 'c'),
    ]
    await expect(office.redeem(first)).rejects.toMatchObject(refused)
    expect([await office.redeem(second), await office.redeem(third), await office.redeem(other)]).toEqual([
      'b',
      'c',
      'token-2',
    ])
  })
})
