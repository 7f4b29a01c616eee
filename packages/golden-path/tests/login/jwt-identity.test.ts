import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ContextError, liveSessions, toClientAnswer } from 'user-execution-context'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'
import type { JwtAlgorithm, JwtKey } from '../../src/login/jwt-keys.ts'

const issuer = 'https://issuer.test/'
const audience = 'agents'
const secret = {
  kty: 'oct',
  alg: 'HS256',
  kid: 'h',
  k: Buffer.alloc(32, 7).toString('base64url'),
} as const satisfies JwtKey

type Signer = { readonly alg: JwtAlgorithm; readonly privateKey: CryptoKey | Uint8Array; readonly publicKey: JwtKey }
const signers = new Map<JwtAlgorithm, Signer>()

beforeAll(async () => {
  signers.set('HS256', { alg: 'HS256', privateKey: Buffer.from(secret.k, 'base64url'), publicKey: secret })
  for (const alg of ['EdDSA', 'RS256', 'ES256'] as const) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    signers.set(alg, { alg, privateKey, publicKey: { ...(await exportJWK(publicKey)), alg, kid: alg } })
  }
})

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset
const good = (): JWTPayload => ({
  sub: 'auth0|5f7c',
  iss: issuer,
  aud: audience,
  exp: seconds(60),
  sid: 's-1',
  scope: 'notes.read notes.write',
})

const sign = (alg: JwtAlgorithm, claims: JWTPayload, header: object = {}): Promise<string> => {
  const { privateKey, publicKey } = signers.get(alg)!
  return new SignJWT(claims).setProtectedHeader({ alg, kid: publicKey.kid!, ...header }).sign(privateKey)
}

const identityFor = (
  alg: JwtAlgorithm,
  options: Partial<JwtIdentityOptions> = {},
): ((token: string) => Promise<unknown>) =>
  jwtIdentity({ issuer, audience, keys: [signers.get(alg)!.publicKey], algorithms: [alg], ...options })

describe('jwtIdentity', () => {
  test.each(['HS256', 'EdDSA', 'RS256', 'ES256'] as const)('accepts a good token signed with %s', async (alg) => {
    const user = await identityFor(alg)(await sign(alg, good()))
    expect(user).toMatchObject({ userId: 'auth0|5f7c', sessionId: 's-1', permissions: ['notes.read', 'notes.write'] })
  })

  const { exp: _exp, sub: _sub, iss: _iss, aud: _aud, ...rest } = good()
  const faults: readonly [string, string, () => Promise<string>][] = [
    ['no signature', 'ERR_CONTEXT_TOKEN_ALGORITHM', async () => new UnsecuredJWT(good()).encode()],
    ['an algorithm that is not listed', 'ERR_CONTEXT_TOKEN_ALGORITHM', () => sign('ES256', good())],
    ['a key id that nobody has', 'ERR_CONTEXT_TOKEN_KEY', () => sign('RS256', good(), { kid: 'other' })],
    [
      'a changed payload',
      'ERR_CONTEXT_TOKEN_SIGNATURE',
      async () => {
        const [header, , signature] = (await sign('RS256', good())).split('.')
        return [header, Buffer.from(JSON.stringify({ ...good(), sub: 'admin' })).toString('base64url'), signature].join(
          '.',
        )
      },
    ],
    ['another issuer', 'ERR_CONTEXT_TOKEN_ISSUER', () => sign('RS256', { ...good(), iss: 'https://issuer.test' })],
    [
      'no issuer',
      'ERR_CONTEXT_TOKEN_ISSUER',
      () => sign('RS256', { ...rest, aud: audience, sub: 'u1', exp: seconds(60) }),
    ],
    ['another audience', 'ERR_CONTEXT_TOKEN_AUDIENCE', () => sign('RS256', { ...good(), aud: ['billing'] })],
    [
      'no audience',
      'ERR_CONTEXT_TOKEN_AUDIENCE',
      () => sign('RS256', { ...rest, iss: issuer, sub: 'u1', exp: seconds(60) }),
    ],
    ['an expiry in the past', 'ERR_CONTEXT_IDENTITY_EXPIRED', () => sign('RS256', { ...good(), exp: seconds(-60) })],
    ['no expiry', 'ERR_CONTEXT_TOKEN_CLAIMS', () => sign('RS256', { ...rest, iss: issuer, aud: audience, sub: 'u1' })],
    ['a start in the future', 'ERR_CONTEXT_TOKEN_NOT_YET_VALID', () => sign('RS256', { ...good(), nbf: seconds(60) })],
    [
      'no subject',
      'ERR_CONTEXT_TOKEN_SUBJECT',
      () => sign('RS256', { ...rest, iss: issuer, aud: audience, exp: seconds(60) }),
    ],
    ['an empty subject', 'ERR_CONTEXT_TOKEN_SUBJECT', () => sign('RS256', { ...good(), sub: '' })],
    ['a session of the wrong form', 'ERR_CONTEXT_TOKEN_CLAIMS', () => sign('RS256', { ...good(), sid: 7 })],
    ['a subject that is a number', 'ERR_CONTEXT_TOKEN_SUBJECT', () => sign('RS256', { ...good(), sub: 7 as never })],
    ['an empty session', 'ERR_CONTEXT_TOKEN_CLAIMS', () => sign('RS256', { ...good(), sid: '' })],
    ['a permission that is none', 'ERR_CONTEXT_TOKEN_CLAIMS', () => sign('RS256', { ...good(), scope: 'a"b' })],
    [
      'an expiry that no date can name',
      'ERR_CONTEXT_TOKEN_CLAIMS',
      () => sign('RS256', { ...good(), exp: 9_999_999_999_999 }),
    ],
    [
      'a critical header that nobody knows',
      'ERR_CONTEXT_TOKEN_MALFORMED',
      async () => {
        const header = Buffer.from(
          JSON.stringify({ 'alg': 'RS256', 'kid': 'RS256', 'crit': ['x-new'], 'x-new': 1 }),
        ).toString('base64url')
        return [header, ...(await sign('RS256', good())).split('.').slice(1)].join('.')
      },
    ],
    ['no form of a token', 'ERR_CONTEXT_TOKEN_MALFORMED', async () => 'not.a.token'],
  ]
  // Issuer, audience, subject, times and signature. RFC 8725 sections 3.3, 3.8, 3.9; RFC 9068 sections 2.2, 4.
  test.each(faults)('refuses a token with %s by the code %s', async (_name, code, make) => {
    await expect(identityFor('RS256')(await make())).rejects.toMatchObject({ code })
  })

  test('tells a client the same for every refused token', async () => {
    const answers = new Set<string>()
    for (const [, , make] of faults) {
      const error: unknown = await identityFor('RS256')(await make()).catch((thrown: unknown) => thrown)
      answers.add(JSON.stringify(toClientAnswer(error)))
    }
    expect([...answers]).toEqual([
      JSON.stringify({
        code: 'ERR_CONTEXT_IDENTITY_REFUSED',
        message: 'Please sign in.',
        httpStatus: 401,
        closeCode: 4401,
      }),
    ])
  })

  test('does not take a public key as an HMAC secret', async () => {
    const rsa = signers.get('RS256')!.publicKey
    const both = jwtIdentity({ issuer, audience, keys: [rsa, secret], algorithms: ['RS256', 'HS256'] })
    const forge = (key: string, kid: string): Promise<string> =>
      new SignJWT(good()).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(key))
    await expect(both(await forge(JSON.stringify(rsa), 'RS256'))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_KEY',
    })
    await expect(both(await forge(rsa.n!, 'h'))).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_SIGNATURE' })
    await expect(both(await sign('HS256', good()))).resolves.toMatchObject({ userId: 'auth0|5f7c' })
  })

  test('keeps the claims of a refused token out of the error', async () => {
    for (const fault of [{ aud: 'x' }, { exp: seconds(-60) }, { nbf: seconds(60) }]) {
      const token = await sign('RS256', { ...good(), sub: 'canary-subject', ...fault })
      const error: unknown = await identityFor('RS256')(token).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ContextError)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
    }
  })

  test('allows the clock of the issuer to be off by the tolerance and no more', async () => {
    const tolerant = identityFor('RS256', { clockToleranceSeconds: 30 })
    await expect(tolerant(await sign('RS256', { ...good(), exp: seconds(-10) }))).resolves.toMatchObject({
      userId: 'auth0|5f7c',
    })
    await expect(tolerant(await sign('RS256', { ...good(), nbf: seconds(20) }))).resolves.toMatchObject({
      userId: 'auth0|5f7c',
    })
    await expect(tolerant(await sign('RS256', { ...good(), exp: seconds(-40) }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_IDENTITY_EXPIRED',
    })
  })

  test('names the tenant by the claim it was told, and none otherwise', async () => {
    const token = await sign('RS256', { ...good(), org_id: 'acme' })
    await expect(identityFor('RS256', { tenantClaim: 'org_id' })(token)).resolves.toMatchObject({ tenantId: 'acme' })
    await expect(identityFor('RS256')(token)).resolves.toMatchObject({ tenantId: undefined })
  })

  test('takes no claim from a polluted Object.prototype', async () => {
    const { scope: _scope, ...claims } = good()
    const token = await sign('RS256', claims)
    const polluted = { scope: 'admin', org_id: 'other' }
    try {
      Object.assign(Object.prototype, polluted)
      await expect(identityFor('RS256', { tenantClaim: 'org_id' })(token)).resolves.toMatchObject({
        permissions: [],
        tenantId: undefined,
      })
    } finally {
      for (const name of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[name]
    }
  })

  test('refuses a token whose session was signed out', async () => {
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    const identity = jwtIdentity({
      issuer,
      audience,
      keys: [signers.get('RS256')!.publicKey],
      algorithms: ['RS256'],
      sessions,
    })
    const token = await sign('RS256', good())
    await sessions.revoke({ session: await identity(token) })
    for (const check of [token, await sign('RS256', { ...good(), jti: 'another token' })])
      await expect(identity(check)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    await expect(identity(await sign('RS256', { ...good(), sid: 's-2' }))).resolves.toMatchObject({ sessionId: 's-2' })
  })
})

describe('jwtIdentity options', () => {
  const rsa = (): JwtKey => signers.get('RS256')!.publicKey
  const oneSource = 'exactly one of keys, jwksUrl, discovery'
  const bad: readonly [string, () => object, string][] = [
    ['an empty issuer', () => ({ issuer: '' }), 'issuer'],
    ['an empty audience', () => ({ audience: '' }), 'audience'],
    ['no algorithm', () => ({ algorithms: [] }), 'algorithms'],
    ['the algorithm none', () => ({ algorithms: ['RS256', 'none'] }), 'algorithms'],
    ['keys and an address of keys', () => ({ jwksUrl: 'https://issuer.test/keys' }), oneSource],
    ['neither keys nor an address', () => ({ keys: undefined }), oneSource],
    ['a key of an algorithm that is not listed', () => ({ algorithms: ['ES256'] }), 'keys[0].alg'],
    [
      'an RSA key said to be for HS256',
      () => ({ keys: [{ ...rsa(), alg: 'HS256' }], algorithms: ['HS256'] }),
      'keys[0].kty',
    ],
    // RFC 8725 section 3.5.
    ['a short secret', () => ({ keys: [{ ...secret, k: 'c2hvcnQ' }], algorithms: ['HS256'] }), 'keys[0].k'],
    ['a private key', () => ({ keys: [{ ...rsa(), d: 'x' }] }), 'keys[0].d'],
    [
      'keys over plain HTTP of another machine',
      () => ({ keys: undefined, jwksUrl: 'http://issuer.test/keys' }),
      'jwksUrl',
    ],
    [
      'HS256 beside published keys',
      () => ({ keys: undefined, jwksUrl: 'https://issuer.test/keys', algorithms: ['HS256'] }),
      'algorithms',
    ],
    ['an hour of tolerance', () => ({ clockToleranceSeconds: 3600 }), 'clockToleranceSeconds'],
  ]
  test.each(bad)('refuses %s', (_name, change, path) => {
    const options = { issuer, audience, keys: [rsa()], algorithms: ['RS256'], ...change() } as JwtIdentityOptions
    expect(() => jwtIdentity(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
      }),
    )
  })
})

test.each(['algorithms', 'headerTypes'])('jwtIdentity says that %s is a list, where it is a text', (path) => {
  const keys = [signers.get('RS256')!.publicKey]
  const options = { issuer, audience, keys, algorithms: ['RS256'], [path]: 'RS256' } as JwtIdentityOptions
  expect(() => jwtIdentity(options)).toThrow(expect.objectContaining({ issues: [{ path, kind: 'not an array' }] }))
})

describe('jwtIdentity with published keys', () => {
  let server: Server
  let jwksUrl: string
  let body: () => string
  let status = 200
  let fetches = 0

  beforeAll(async () => {
    body = () => JSON.stringify({ keys: [signers.get('ES256')!.publicKey, signers.get('EdDSA')!.publicKey] })
    server = createServer((_request, response) => {
      fetches++
      response.writeHead(status).end(body())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  })
  afterAll(() => server.close())
  afterEach(() => {
    vi.restoreAllMocks()
    status = 200
  })

  const published = (): ((token: string) => Promise<unknown>) =>
    jwtIdentity({ issuer, audience, jwksUrl, algorithms: ['ES256', 'EdDSA'] })

  test('accepts tokens of each published key, and fetches once', async () => {
    const identity = published()
    const before = fetches
    for (const alg of ['ES256', 'EdDSA'] as const)
      await expect(identity(await sign(alg, good()))).resolves.toMatchObject({ userId: 'auth0|5f7c' })
    expect(fetches - before).toBe(1)
  })

  test('refuses a token of a key that is not published', async () => {
    await expect(published()(await sign('EdDSA', good(), { kid: 'other' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_KEY',
    })
  })

  test('reports that the keys cannot be fetched, and accepts nobody meanwhile', async () => {
    const wholeBody = body
    body = () => 'not a key set'
    const error: unknown = await published()(await sign('ES256', good())).catch((thrown: unknown) => thrown)
    body = wholeBody
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE' })
    expect(toClientAnswer(error)).toMatchObject({ httpStatus: 503 })
  })

  test.each([
    ['an error', 500, undefined],
    ['a page', 200, '<p>'],
    ['JSON that is no key set', 200, '{}'],
  ])('asks a server that answers %s once in a while, not once a token', async (_name, failing, page) => {
    const wholeBody = body
    const identity = published()
    const before = fetches
    status = failing
    if (page !== undefined) body = () => page
    for (let attempt = 0; attempt < 20; attempt++) {
      await expect(identity(await sign('ES256', good()))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE',
      })
    }
    body = wholeBody
    expect(fetches - before).toBe(1)
    status = 200
    const nowMs = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(nowMs + 6000)
    await expect(identity(await sign('ES256', good()))).resolves.toMatchObject({ userId: 'auth0|5f7c' })
  })
})

describe('jwtIdentity', () => {
  test('decodes no token that is longer than 16,384 characters, though it is well signed', async () => {
    const identity = identityFor('HS256')
    await expect(identity(await sign('HS256', { ...good(), pad: 'x'.repeat(11_000) }))).resolves.toBeDefined()
    await expect(identity(await sign('HS256', { ...good(), pad: 'x'.repeat(13_000) }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_MALFORMED',
    })
  })

  test.each([7, null, {}, '', [], ['org', 7]])('refuses %j as the name of the claim of the tenant', (tenantClaim) => {
    expect(() => identityFor('HS256', { tenantClaim: tenantClaim as never })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [{ path: 'tenantClaim', kind: 'not a string' }],
      }),
    )
  })
})
