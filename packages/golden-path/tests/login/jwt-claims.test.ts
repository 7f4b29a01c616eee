import { decodeJwt, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { inspect } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ContextError, liveSessions } from 'user-execution-context'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'
import type { JwtKey } from '../../src/login/jwt-keys.ts'

let privateKey: CryptoKey
let key: JwtKey
beforeAll(async () => {
  const pair = await generateKeyPair('Ed25519', { extractable: true })
  privateKey = pair.privateKey
  key = { ...(await exportJWK(pair.publicKey)), alg: 'Ed25519', kid: 'k' }
})

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset
const sign = (claims: object, header: object = {}): Promise<string> =>
  new SignJWT({ sub: 'ada', iss: 'i', aud: 'a', exp: seconds(600), ...claims })
    .setProtectedHeader({ alg: 'Ed25519', kid: 'k', ...header })
    .sign(privateKey)
const identity = (change: Partial<JwtIdentityOptions> = {}): ReturnType<typeof jwtIdentity> =>
  jwtIdentity({ issuer: 'i', audience: 'a', keys: [key], algorithms: ['Ed25519'], ...change })

// Times are compared to the second: a busy machine must not begin another one in between.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe('jwtIdentity and times', () => {
  test.each([
    ['just now', 0, 'ok'],
    ['within the tolerance', 4, 'ok'],
    ['beyond it', 8, 'ERR_CONTEXT_TOKEN_NOT_YET_VALID'],
    ['in an hour', 3600, 'ERR_CONTEXT_TOKEN_NOT_YET_VALID'],
  ])('checks when a token was issued: %s', async (_name, offset, code) => {
    const outcome = await identity()(await sign({ iat: seconds(offset) })).then(
      () => 'ok',
      (error: unknown) => (error as ContextError).code,
    )
    expect(outcome).toBe(code)
  })

  test('takes a token for as long as its age allows, and no longer than it says', async () => {
    const identify = identity({ maxAgeSeconds: 60, clockToleranceSeconds: 0 })
    const young = await identify(await sign({ iat: seconds(-30) }))
    expect(young.expiresAtMs).toBe(seconds(30) * 1000)
    await expect(identify(await sign({ iat: seconds(-61) }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_IDENTITY_EXPIRED',
    })
    const short = await identify(await sign({ iat: seconds(-30), exp: seconds(10) }))
    expect(short.expiresAtMs).toBe(seconds(10) * 1000)
    await expect(identify(await sign({}))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_CLAIMS',
      issues: [{ path: 'iat', kind: 'missing' }],
    })
  })
})

describe('jwtIdentity and the audience', () => {
  const byClient = { audience: ['web', 'app'], audienceClaim: 'client_id' }
  test.each<[string, Partial<JwtIdentityOptions>, object, string]>([
    ['one of several', { audience: ['b', 'a'] }, {}, 'ok'],
    ['another claim', byClient, { aud: undefined, client_id: 'app' }, 'ok'],
    ['another claim, wrong', byClient, { aud: undefined, client_id: 'other' }, 'ERR_CONTEXT_TOKEN_AUDIENCE'],
    ['another claim, missing', byClient, { aud: undefined }, 'ERR_CONTEXT_TOKEN_AUDIENCE'],
    [
      'a right claim beside a wrong aud (RFC 7519 section 4.1.3)',
      byClient,
      { client_id: 'app' },
      'ERR_CONTEXT_TOKEN_AUDIENCE',
    ],
    ['a right claim beside a right aud', byClient, { aud: ['web'], client_id: 'app' }, 'ok'],
    ['an object', {}, { aud: { a: 'a' } }, 'ERR_CONTEXT_TOKEN_AUDIENCE'],
    ['part of a name', {}, { aud: 'aa' }, 'ERR_CONTEXT_TOKEN_AUDIENCE'],
  ])('reads %s (RFC 8725 section 3.9)', async (_name, options, claims, code) => {
    const outcome = await identity(options)(await sign(claims)).then(
      () => 'ok',
      (error: unknown) => (error as ContextError).code,
    )
    expect(outcome).toBe(code)
  })
})

describe('jwtIdentity and token types (RFC 8725 section 3.11, RFC 9068 section 2.1)', () => {
  const typeRefused = 'ERR_CONTEXT_TOKEN_TYPE'
  test.each<[string, object, object, Partial<JwtIdentityOptions>, string]>([
    ['no type', {}, {}, {}, 'ok'],
    ['JWT', { typ: 'JWT' }, {}, {}, 'ok'],
    ['at+jwt in capitals, with its prefix', { typ: 'application/AT+JWT' }, {}, {}, 'ok'],
    ['a type that is no text', { typ: 7 }, {}, {}, typeRefused],
    ['a type of nobody', { typ: 'secevent+jwt' }, {}, {}, typeRefused],
    ['a DPoP proof', { typ: 'dpop+jwt' }, {}, {}, typeRefused],
    ['a type that is listed', { typ: 'x+jwt' }, {}, { headerTypes: ['X+jwt'] }, 'ok'],
    ['no type where one is listed', {}, {}, { headerTypes: ['at+jwt'] }, typeRefused],
    ['another than the listed one', { typ: 'JWT' }, {}, { headerTypes: ['at+jwt'] }, typeRefused],
    ['a sign-out that says JWT', { typ: 'JWT' }, { events: {} }, {}, typeRefused],
    ['token_use id', {}, { token_use: 'id' }, {}, typeRefused],
    ['token_use access', {}, { token_use: 'access', nonce: 'n' }, {}, 'ok'],
    ['token_type refresh', {}, { token_type: 'refresh' }, {}, typeRefused],
    ['type Offline', {}, { typ: 'Offline' }, {}, typeRefused],
    [
      'an access token that says also that it is for the issuer',
      { typ: 'at+jwt' },
      { token_use: 'refresh' },
      {},
      typeRefused,
    ],
    ['a nonce', {}, { nonce: 'n' }, {}, typeRefused],
    ['a hash of an access token', {}, { at_hash: 'h' }, {}, typeRefused],
    ['a token for the client that asked for it, for no scope', {}, { azp: 'a' }, {}, typeRefused],
    ['a token for the client that asked for it, for a scope', {}, { azp: 'a', scope: 'read' }, {}, 'ok'],
    ['an ID token that is named', {}, { nonce: 'n' }, { tokenUses: ['id'] }, 'ok'],
    ['a refresh token beside a named ID token', {}, { typ: 'Refresh' }, { tokenUses: ['access', 'id'] }, typeRefused],
  ])('decides on %s', async (_name, header, claims, options, code) => {
    const outcome = await identity(options)(await sign(claims, header)).then(
      () => 'ok',
      (error: unknown) => (error as ContextError).code,
    )
    expect(outcome).toBe(code)
  })
})

describe('jwtIdentity and programs (RFC 9068 section 5)', () => {
  const machines: readonly [string, object][] = [
    ['a grant by its name', { gty: 'client-credentials' }],
    ['a grant in a list', { gty: ['client_credentials'] }],
    ['an app', { idtyp: 'app' }],
    ['a client that is its own subject', { client_id: 'ada' }],
    ['an authorized party that is its own subject', { azp: 'ada' }],
    ['a client of Okta', { cid: 'ada' }],
    ['a client of Auth0', { sub: 'x@clients', client_id: 'x' }],
    ['an object of Entra', { oid: 'ada', azp: 'client' }],
    ['an account of Keycloak', { azp: 'Cron', preferred_username: 'service-account-cron' }],
    ['an account of Keycloak without its name', { clientHost: '10.0.0.1' }],
  ]
  test.each(machines)('refuses %s, and names the option', async (_name, claims) => {
    const token = await sign({ ...claims, jti: 'canary' })
    const error: unknown = await identity()(token).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_TOKEN_SERVICE', issues: [{ path: 'services', kind: 'missing' }] })
    expect((error as ContextError).message).toContain('services: true')
    expect(inspect(error, { depth: 9 })).not.toContain('canary')
    await expect(identity({ services: true })(token)).resolves.toBeDefined()
  })

  test.each<[string, object]>([
    ['another client', { client_id: 'web', azp: 'web' }],
    ['a refresh', { gty: 'refresh_token' }],
    ['an object that is the subject, with a scope (Azure AD B2C)', { oid: 'ada', azp: 'web', scp: 'read' }],
    ['an object that is the subject, for no client', { oid: 'ada' }],
    ['a name that only looks like one', { azp: 'web', preferred_username: 'service-account-cron' }],
    ['a user', { idtyp: 'user' }],
  ])('takes a person with %s', async (_name, claims) => {
    await expect(identity()(await sign(claims))).resolves.toMatchObject({ userId: 'ada' })
  })
})

describe('jwtIdentity and subjects', () => {
  // As AD FS, Okta, social sign-in and databases give them.
  const subjects = [
    'a/b',
    'CORP\\\\ada',
    "o'brien@example.com",
    'Ada Lovelace',
    'ада',
    '\u00e9',
    'e\u0301',
    'null',
    'test',
  ]
  const likeThem = ['a%2Fb', 'o%27brien@example.com', 'Ada%20Lovelace', 'Null', '%74est', 'x'.repeat(128)]
  const long = ['x'.repeat(129), 'x'.repeat(130), `${'x'.repeat(129)}/`]

  test('gives each subject of an issuer an id of its own', async () => {
    const identify = identity()
    const all = [...subjects, ...likeThem, ...long]
    const ids = await Promise.all(all.map(async (sub) => (await identify(await sign({ sub }))).userId))
    expect(new Set(ids).size).toBe(all.length)
    expect((await identify(await sign({ sub: "o'brien@example.com" }))).userId).toBe('o%27brien@example.com')
  })
})

describe('jwtIdentity and who acts (RFC 8693 section 4.1)', () => {
  test('takes the chain of actors, newest first, each a person unless it is told otherwise', async () => {
    const token = await sign({ act: { sub: 'agent/1', client: 'planner', act: { sub: 'support-bob' } } })
    const user = await identity()(token)
    expect(user.actors.map(({ name, kind, source }) => ({ name, kind, source }))).toEqual([
      { name: 'agent%2F1', kind: 'person', source: 'verified' },
      { name: 'support-bob', kind: 'person', source: 'verified' },
    ])
    const toActorKind = (actor: Readonly<Record<string, unknown>>) => ('client' in actor ? 'agent' : 'person')
    const told = await identity({ toActorKind })(token)
    expect(told.actors.map(({ kind }) => kind)).toEqual(['agent', 'person'])
    expect((await identity()(await sign({}))).actors).toEqual([])
  })

  test('keeps actors of one name apart whose issuers differ (RFC 8693 section 4.1, `iss` of `act`)', async () => {
    const namesOf = async (act: object): Promise<readonly string[]> =>
      (await identity()(await sign({ act }))).actors.map(({ name }) => name)
    const { iss } = decodeJwt(await sign({}))
    const [other, third] = ['https://partner.example', 'https://third.example/a:b']
    const acts = [
      ...[
        { sub: 'bob' },
        { sub: 'bob', iss: other },
        { sub: 'bob', iss: third },
        { sub: 'b:bob', iss: 'https://third.example/a' },
      ],
      ...[
        { sub: 'x'.repeat(200), iss: other },
        { sub: 'x'.repeat(201), iss: other },
        { sub: 'x'.repeat(200), iss: third },
      ],
    ]
    const names = (await Promise.all(acts.map(namesOf))).flat()
    // No issuer of another one's subjects is believed: its own subject of that text is somebody else.
    const copied = (await Promise.all(names.map((sub) => namesOf({ sub })))).flat()
    expect(new Set([...names, ...copied.slice(1)]).size).toBe(names.length + copied.length - 1)
    expect(await namesOf({ sub: 'bob', iss })).toEqual(['bob'])
    expect(await namesOf({ sub: 'a', act: { sub: 'bob', iss: other } })).toEqual(['a', names[1]])
  })

  const chainOf = (length: number): object =>
    length === 0 ? {} : { act: { sub: `a-${length}`, ...chainOf(length - 1) } }
  test.each([
    ['a chain that is longer than contexts hold', chainOf(11)],
    ['an actor without a name', { act: { iss: 'i' } }],
    ['an actor further on without a name', { act: { sub: 'a', act: {} } }],
    ['an actor that is a text', { act: 'admin' }],
    ['actors in a list', { act: [{ sub: 'a' }] }],
    ['no actor', { act: null }],
    ['an issuer of an actor that is no text', { act: { sub: 'a', iss: 7 } }],
    ['an empty issuer of an actor', { act: { sub: 'a', iss: '' } }],
  ])('refuses %s', async (_name, claims) => {
    await expect(identity()(await sign(claims))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_CLAIMS',
      issues: [{ path: 'act', kind: 'does not fit' }],
    })
    await expect(identity()(await sign(chainOf(10)))).resolves.toBeDefined()
  })

  test('says of a program that it is one, in its identity', async () => {
    const services = identity({ services: true })
    await expect(services(await sign({ client_id: 'ada' }))).resolves.toMatchObject({ identity: { kind: 'service' } })
    await expect(services(await sign({ client_id: 'web' }))).resolves.toMatchObject({ identity: { kind: 'person' } })
  })

  test('says when the proof was issued, by the claim that it was told', async () => {
    const token = await sign({ iat: seconds(-10), auth_time: seconds(-100) })
    expect((await identity()(token)).issuedAtMs).toBe(seconds(-10) * 1000)
    expect((await identity({ issuedAtClaim: 'auth_time' })(token)).issuedAtMs).toBe(seconds(-100) * 1000)
    expect((await identity({ issuedAtClaim: 'auth_time' })(await sign({}))).issuedAtMs).toBeUndefined()
  })

  test.each(['iat', 'auth_time'])(
    'tolerates an %s of the future as far as clocks may differ',
    async (issuedAtClaim) => {
      const sessions = liveSessions({ maxProofMs: 3_600_000 })
      const at = (tolerance: number, ahead: number) =>
        sign({ [issuedAtClaim]: seconds(ahead) }).then(
          identity({ issuedAtClaim, sessions, clockToleranceSeconds: tolerance }),
        )
      await expect(at(5, 4)).resolves.toBeDefined()
      // All that the option can allow: the core allows no more.
      await expect(at(300, 299)).resolves.toBeDefined()
      for (const [tolerance, ahead] of [
        [5, 10],
        [300, 310],
      ] as const)
        await expect(at(tolerance, ahead)).rejects.toMatchObject({
          code: 'ERR_CONTEXT_TOKEN_NOT_YET_VALID',
          issues: [{ path: 'clockToleranceSeconds', kind: 'too small' }],
        })
    },
  )

  // Taken for none, it would let a token through that was issued before a sign-out.
  test.each(['now', '100', null, 0, -1, 8.64e12 + 1, true])(
    'refuses a proof that was issued at %j',
    async (issuedAt) => {
      const identify = identity({ issuedAtClaim: 'auth_time' })
      await expect(identify(await sign({ auth_time: issuedAt }))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOKEN_CLAIMS',
        issues: [{ path: 'issuedAtClaim', kind: 'not a number' }],
      })
    },
  )
})

describe('jwtIdentity and claims by name', () => {
  test('maps the subject, and refuses whom the mapping refuses', async () => {
    const identify = identity({
      userIdClaim: ['person', 'id'],
      toUserId: (subject, { org }) => (org === 'closed' ? undefined : `${org as string}:${subject}`),
    })
    await expect(identify(await sign({ person: { id: '7' }, org: 'x' }))).resolves.toMatchObject({ userId: 'x:7' })
    await expect(identify(await sign({ person: { id: '7' }, org: 'closed' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_SUBJECT',
      issues: [{ path: 'userIdClaim', kind: 'missing' }],
    })
  })

  test('unites permissions of all named claims, once each', async () => {
    const permissionClaims = ['scope', 'scp', 'https://example.com/roles', ['a', 'b']] as const
    const token = await sign({ 'scope': 'x y', 'scp': ['y'], 'https://example.com/roles': ['z'], 'a': { b: 'w' } })
    await expect(identity({ permissionClaims })(token)).resolves.toMatchObject({ permissions: ['x', 'y', 'z', 'w'] })
    await expect(identity()(token)).resolves.toMatchObject({ permissions: ['x', 'y'] })
  })

  test('never splits a name of a list into several rights, and lets the caller rename it', async () => {
    const token = await sign({ groups: ['Domain Users admin'] })
    const permissionClaims = ['groups']
    await expect(identity({ permissionClaims })(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_CLAIMS' })
    const toPermissions = (names: readonly string[]): string[] => names.map((name) => name.replaceAll(' ', '_'))
    await expect(identity({ permissionClaims, toPermissions })(token)).resolves.toMatchObject({
      permissions: ['Domain_Users_admin'],
    })
  })

  test.each<[string, object, string]>([
    ['permissions that are an object', { scope: { admin: true } }, 'permissionClaims[0]'],
    ['permissions that are numbers', { scope: [1] }, 'permissionClaims[0]'],
    ['a session that is a number', { sid: 7 }, 'sessionClaim'],
    ['a tenant that is a list', { org: ['x'] }, 'tenantClaim'],
    ['a time that is text', { iat: 'now' }, 'iat'],
  ])('refuses %s, and names what reads it', async (_name, claims, path) => {
    await expect(identity({ tenantClaim: 'org' })(await sign(claims))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_CLAIMS',
      issues: [expect.objectContaining({ path })],
    })
  })

  test('reads own members only, also within a nested claim', async () => {
    const permissionClaims = [
      ['realm_access', 'roles'],
      ['toString', 'name'],
      ['list', 'length'],
      ['list', '0'],
    ]
    const polluted = { roles: ['admin'], realm_access: { roles: ['admin'] } }
    const token = await sign({ realm_access: {}, list: ['admin'] })
    try {
      Object.assign(Object.prototype, polluted)
      await expect(identity({ permissionClaims })(token)).resolves.toMatchObject({ permissions: [] })
    } finally {
      for (const name of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[name]
    }
  })
})

describe('jwtIdentity options', () => {
  test.each<[string, object, string]>([
    ['a key that nobody knows', { maxAge: 60 }, 'maxAge'],
    ['no audience in a list', { audience: [] }, 'audience'],
    ['an empty audience in a list', { audience: ['a', ''] }, 'audience'],
    ['an age of nothing', { maxAgeSeconds: 0 }, 'maxAgeSeconds'],
    ['an empty claim', { userIdClaim: [] }, 'userIdClaim'],
    ['no type in a list', { headerTypes: [] }, 'headerTypes'],
    ['no use in a list', { tokenUses: [] }, 'tokenUses'],
    ['a use that is none', { tokenUses: ['any'] }, 'tokenUses'],
    ['services by a word', { services: 'yes' }, 'services'],
    ['services switched off by a value', { services: false }, 'services'],
    ['permissions by one name', { permissionClaims: 'scp' }, 'permissionClaims'],
    ['an age that is text', { maxAgeSeconds: '60' }, 'maxAgeSeconds'],
    ['a tolerance that is no number', { clockToleranceSeconds: NaN }, 'clockToleranceSeconds'],
    ['a tolerance that is text', { clockToleranceSeconds: '5' }, 'clockToleranceSeconds'],
    ['an empty name of the audience', { audienceClaim: '' }, 'audienceClaim'],
    ['an empty name of the session', { sessionClaim: '' }, 'sessionClaim'],
    ['a part without a name', { tenantClaim: ['org', ''] }, 'tenantClaim'],
    ['a time of issue by a number', { issuedAtClaim: 7 }, 'issuedAtClaim'],
    ['a mapping that is none', { toUserId: 'sub' }, 'toUserId'],
    ['a mapping of permissions that is none', { toPermissions: ['read'] }, 'toPermissions'],
    ['a kind of actors that is none', { toActorKind: 'person' }, 'toActorKind'],
    ['more tokens than memory', { rememberedTokens: Infinity }, 'rememberedTokens'],
    ['discovery beside keys', { discovery: true }, 'exactly one of keys, jwksUrl, discovery'],
    ['discovery of an issuer that is no address', { keys: undefined, discovery: true }, 'discovery'],
    ['discovery over plain HTTP', { keys: undefined, discovery: 'http://issuer.test' }, 'discovery'],
  ])('refuse %s', (_name, change, path) => {
    expect(() => identity(change as Partial<JwtIdentityOptions>)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
      }),
    )
  })

  test.each([
    [{ clockToleranceSeconds: 3_600 }, 'clockToleranceSeconds: too large'],
    [{ clockToleranceSeconds: -1 }, 'clockToleranceSeconds: too small'],
    [{ rememberedTokens: '5' }, 'rememberedTokens: not a number'],
  ])('say of %j what is wrong with it', (change, fault) => {
    expect(() => identity(change as Partial<JwtIdentityOptions>)).toThrow(`(${fault})`)
  })

  test.each([undefined, null, 7])('are no options: %j', (options) => {
    expect(() => jwtIdentity(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues: [{ path: '', kind: 'not an object' }] }),
    )
  })

  test('name the issuer of a list, and refuse one issuer twice and an empty list', () => {
    const good = { issuer: 'i', audience: 'a', keys: [key], algorithms: ['Ed25519'] } as const
    const open = (list: readonly JwtIdentityOptions[]) => () => jwtIdentity(list)
    const issuesOf = (path: string) => expect.objectContaining({ issues: [expect.objectContaining({ path })] }) as Error
    expect(open([good, { ...good, issuer: 'j', audience: '' }])).toThrow(issuesOf('[1].audience'))
    expect(open([good, good])).toThrow(issuesOf('issuer'))
    expect(open([])).toThrow(issuesOf(''))
  })

  test('of several issuers check a token with those of its own', async () => {
    const identify = jwtIdentity([
      { issuer: 'i', audience: 'a', keys: [key], algorithms: ['Ed25519'], name: 'first' },
      { issuer: 'j', audience: 'b', keys: [key], algorithms: ['Ed25519'], name: 'second' },
    ])
    await expect(identify(await sign({}))).resolves.toMatchObject({ identity: { provider: 'first' } })
    await expect(identify(await sign({ iss: 'j', aud: 'b' }))).resolves.toMatchObject({
      identity: { provider: 'second' },
    })
    await expect(identify(await sign({ iss: 'j' }))).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_AUDIENCE' })
    await expect(identify(await sign({ iss: 'k' }))).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_ISSUER' })
    await expect(identify('no.token.here')).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_MALFORMED' })
  })
})
