// A login token is never a sealed context, and a sealed context is never a login token. RFC 8725 section 3.12;
// Transaction Tokens, Transaction Tokens Are Not OAuth 2.0 Access Tokens.
import { jwtIdentity } from '@user-execution-context/golden-path/login'
import { base64url, decodeJwt, importJWK, SignJWT } from 'jose'
import { createForUser } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { openSealed, sealContext, sealingKeys, signingKeys, verificationKeys } from '../src/index.ts'
import { alice, chat, codeOf, fromChat, newKey, newPair, opening, readableSigner, sealing } from './deployment.ts'

const issuer = 'https://id.example.com'
/** The secret of the ring, used for login tokens too: a mistake that must not matter. */
const secret = { kty: 'oct', alg: 'HS256', k: newKey('k1', 1).k, kid: 'k1' } as const
const byRing = jwtIdentity({ issuer, audience: 'worker', keys: [secret], algorithms: ['HS256'] })
const byService = jwtIdentity({
  issuer,
  audience: 'worker',
  keys: [{ ...chat.publicKey, alg: 'EdDSA' }],
  algorithms: ['EdDSA'],
})

const newToken = async (typ: string, alg: 'HS256' | 'EdDSA'): Promise<string> =>
  new SignJWT({ scope: 'notes:read', sid: 's-1' })
    .setProtectedHeader({ alg, typ, kid: alg === 'HS256' ? 'k1' : chat.publicKey.kid })
    .setSubject('alice')
    .setIssuer(issuer)
    .setAudience('worker')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(alg === 'HS256' ? base64url.decode(secret.k) : await importJWK({ ...chat.privateKey }, 'EdDSA'))

describe('a login token', () => {
  test.each([
    ['HS256', 'at+jwt'],
    ['HS256', 'JWT'],
    ['EdDSA', 'at+jwt'],
    ['EdDSA', 'JWT'],
  ] as const)('is good for its provider and no sealed context: %s, %s', async (alg, typ) => {
    const token = await newToken(typ, alg)
    expect(await codeOf(alg === 'HS256' ? byRing(token) : byService(token))).toMatch(/^let in/)
    for (const { opener } of [opening, fromChat])
      expect(await codeOf(openSealed(token, { ...opening, opener }))).toBe('ERR_CONTEXT_SEAL_TYPE')
  })
})

describe('a sealed context', () => {
  test('holds nothing of the token that its user came with (Transaction Tokens, Access Tokens)', async () => {
    const token = await newToken('at+jwt', 'EdDSA')
    const context = createForUser(await byService(token))
    const text = await sealContext(context, { ...sealing, sealer: readableSigner.sealer })
    const claims = JSON.stringify(decodeJwt(text))
    expect(claims).toContain('alice')
    for (const part of token.split('.')) expect(claims).not.toContain(part)
  })

  test('is no login token, under whatever key', async () => {
    const texts = [
      await sealContext(alice, sealing),
      await sealContext(alice, { ...sealing, sealer: readableSigner.sealer }),
    ]
    for (const text of texts) {
      for (const identity of [byRing, byService]) expect(await codeOf(identity(text))).toMatch(/^ERR_CONTEXT_TOKEN_/)
    }
  })
})

describe('a key that signs login tokens', () => {
  const sealWith = (key: object, loginKeys?: readonly object[]) =>
    codeOf(() => sealingKeys({ workload: 'web', keys: [key as never], loginKeys }))

  test('is refused where it says what it is', async () => {
    for (const alg of ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])
      expect(await sealWith({ ...newKey('k1', 1), alg })).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    expect(await sealWith({ ...newKey('k1', 1), use: 'sig' })).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    const second = [newKey('k1', 1), { ...newKey('k2', 2), alg: 'HS256' as never }]
    expect(await codeOf(() => sealingKeys({ workload: 'web', keys: second }))).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
  })

  test('is refused when it is in the list, whatever it says', async () => {
    expect(await sealWith(newKey('k1', 1), [secret])).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    expect(await sealWith(newKey('other name', 1), [{ k: secret.k }])).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    // The same bytes with spare bits set: another text, the same secret.
    const twin = secret.k.slice(0, -1) + (secret.k.endsWith('E') ? 'F' : 'B')
    expect(base64url.decode(twin)).toEqual(base64url.decode(secret.k))
    expect(await sealWith({ ...newKey('k1', 1), k: twin }, [secret])).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    expect(await sealWith(newKey('k1', 1), [{ ...secret, k: newKey('k2', 2).k }])).toMatch(/^let in/)
  })

  test('is refused as the pair of a service, by its public half', async () => {
    const login = { ...chat.publicKey, kid: 'login', alg: 'EdDSA' }
    const signer = { workload: 'chat', key: chat.privateKey, readable: true } as const
    expect(await codeOf(() => signingKeys({ ...signer, loginKeys: [login] }))).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    const verifier = { workload: 'chat', keys: [chat.publicKey] }
    expect(await codeOf(() => verificationKeys({ ...verifier, loginKeys: [login] }))).toBe('ERR_CONTEXT_SEAL_LOGIN_KEY')
    const other = [(await newPair('login')).publicKey]
    expect(await codeOf(() => signingKeys({ ...signer, loginKeys: other }))).toMatch(/^let in/)
    expect(await codeOf(() => verificationKeys({ ...verifier, loginKeys: other }))).toMatch(/^let in/)
  })
})
