// Each well-known provider, as a real issuer in this process: its document, its key set over HTTP, its keys, its
// tokens.
import { OAuth2Server } from 'oauth2-mock-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'
import { providerShapes } from './provider-shapes.ts'

const nowSeconds = (): number => Math.floor(Date.now() / 1000)

const stranger = new OAuth2Server()
beforeAll(async () => {
  for (const algorithm of ['RS256', 'ES256']) await stranger.issuer.keys.generate(algorithm, { kid: algorithm })
  await stranger.start(0, '127.0.0.1')
})
afterAll(() => stranger.stop())

describe.each(providerShapes)('jwtIdentity for $name', (shape) => {
  const issuer = new OAuth2Server()

  beforeAll(async () => {
    await issuer.issuer.keys.generate(shape.algorithm, { kid: 'first' })
    await issuer.start(0, '127.0.0.1')
  })
  afterAll(() => issuer.stop())

  type Change = { readonly header?: object; readonly kid?: string; readonly from?: OAuth2Server }
  const sign = (claims: object, { header, kid = 'first', from = issuer }: Change = {}): Promise<string> =>
    from.issuer.buildToken({
      kid,
      scopesOrTransform: (protectedHeader, payload) => {
        const own = { iss: issuer.issuer.url, iat: nowSeconds(), exp: nowSeconds() + 300, ...claims }
        for (const name of Object.keys(payload)) delete payload[name]
        Object.assign(payload, own)
        delete protectedHeader['typ']
        Object.assign(
          protectedHeader,
          { kid: 'first' },
          from === issuer && { kid },
          shape.headerType !== undefined && { typ: shape.headerType },
          header,
        )
      },
    })
  const identity = (change: Partial<JwtIdentityOptions> = {}): ((token: string) => Promise<unknown>) =>
    jwtIdentity({
      issuer: issuer.issuer.url!,
      discovery: true,
      algorithms: [shape.algorithm],
      ...shape.options,
      ...change,
    })

  test('signs its user in, with session, tenant and permissions', async () => {
    const user = await identity()(await sign(shape.claims))
    expect(user).toMatchObject({ sessionId: undefined, tenantId: undefined, ...shape.user })
  })

  test.each<[string, string, () => Promise<string>]>([
    ['for another service', 'ERR_CONTEXT_TOKEN_AUDIENCE', () => sign({ ...shape.claims, ...shape.elsewhere })],
    [
      'that is a sign-out (RFC 8725 section 3.11, explicit typing)',
      'ERR_CONTEXT_TOKEN_TYPE',
      () => sign(shape.claims, { header: { typ: 'logout+jwt' } }),
    ],
    ['that is a refresh token', 'ERR_CONTEXT_TOKEN_TYPE', () => sign({ ...shape.claims, typ: 'Refresh' })],
    ['that has expired', 'ERR_CONTEXT_IDENTITY_EXPIRED', () => sign({ ...shape.claims, exp: nowSeconds() - 60 })],
    [
      'that is issued in an hour',
      'ERR_CONTEXT_TOKEN_NOT_YET_VALID',
      () => sign({ ...shape.claims, iat: nowSeconds() + 3600, exp: nowSeconds() + 7200 }),
    ],
    ['of another issuer', 'ERR_CONTEXT_TOKEN_ISSUER', () => sign({ ...shape.claims, iss: 'https://evil.test' })],
    ['of a program', shape.machine.code, () => sign(shape.machine.claims)],
  ])('refuses a token %s', async (_name, code, token) => {
    await expect(identity()(await token())).rejects.toMatchObject({ code })
  })

  test('refuses an ID token unless it is named (RFC 9068 section 4)', async () => {
    const takesIdTokens = shape.options.tokenUses?.includes('id') === true
    const token = await sign(takesIdTokens ? shape.claims : shape.idToken, { header: { typ: 'JWT' } })
    await expect(identity({ tokenUses: ['access'] })(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_TYPE' })
    await expect(identity({ tokenUses: ['id'] })(token)).resolves.toBeDefined()
  })

  test('refuses what somebody else signed under the same key id', async () => {
    const token = await sign(shape.claims, { from: stranger, kid: shape.algorithm })
    await expect(identity()(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_SIGNATURE' })
  })

  test('takes a key that is added after the keys were fetched, within one more fetch', async () => {
    const identify = identity()
    await identify(await sign(shape.claims))
    await issuer.issuer.keys.generate(shape.algorithm, { kid: 'second' })
    const startedAtMs = performance.now()
    await expect(identify(await sign(shape.claims, { kid: 'second' }))).resolves.toMatchObject(shape.user)
    expect(performance.now() - startedAtMs).toBeLessThan(5000)
    await expect(identify(await sign(shape.claims))).resolves.toMatchObject(shape.user)
  })
})
