// Tokens as an attacker makes them. Each title names the control that the refusal meets.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtKey } from '../../src/login/jwt-keys.ts'

const issuer = 'https://issuer.test'
const audience = 'agents'
const secret = { kty: 'oct', alg: 'HS256', kid: 'h', k: Buffer.alloc(32, 7).toString('base64url') } as const
let privateKey: CryptoKey
let key: JwtKey
let attacker: Server
let attackerUrl: string
let askedOfAttacker = 0

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  privateKey = pair.privateKey
  key = { ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: 'e' }
  attacker = createServer((_request, response) => {
    askedOfAttacker++
    response.end(JSON.stringify({ issuer: attackerUrl, jwks_uri: `${attackerUrl}/keys`, keys: [key] }))
  })
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
  attackerUrl = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`
})
afterAll(() => attacker.close())

const claims = (): JWTPayload => ({
  sub: 'ada',
  iss: issuer,
  aud: audience,
  exp: Math.floor(Date.now() / 1000) + 60,
})
const sign = (header: object = {}, payload = claims(), by: CryptoKey = privateKey): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'e', ...header }).sign(by)
const identity = (): ReturnType<typeof jwtIdentity> =>
  jwtIdentity({ issuer, audience, keys: [key], algorithms: ['ES256'] })

/** Signs texts as they are, where a library would write its own JSON. */
const signText = async (header: string, payload: string | Uint8Array): Promise<string> => {
  const input = [Buffer.from(header), Buffer.from(payload)].map((part) => part.toString('base64url')).join('.')
  const hmac = await crypto.subtle.importKey(
    'raw',
    Buffer.from(secret.k, 'base64url'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const signature = await crypto.subtle.sign('HMAC', hmac, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}
const symmetric = (): ReturnType<typeof jwtIdentity> =>
  jwtIdentity({ issuer, audience, keys: [secret], algorithms: ['HS256'] })

describe('jwtIdentity against attacks', () => {
  test.each(['none', 'None', 'NONE', '', 'HS256', 'RS256', 'ES384', 'es256'])(
    'takes the algorithm from its options and not from the header: %j (RFC 8725 section 3.1)',
    async (alg) => {
      const [, payload, signature] = (await sign()).split('.')
      const header = Buffer.from(JSON.stringify({ alg, kid: 'e' })).toString('base64url')
      for (const end of ['', signature])
        await expect(identity()([header, payload, end].join('.'))).rejects.toMatchObject({
          code: expect.stringMatching(/TOKEN_(ALGORITHM|MALFORMED)$/) as unknown,
        })
    },
  )

  test('takes no key that the token brings or points to (RFC 8725 section 3.10)', async () => {
    const own = await generateKeyPair('ES256', { extractable: true })
    const jwk = { ...(await exportJWK(own.publicKey)), alg: 'ES256', kid: 'e' }
    for (const header of [{ jwk }, { jku: `${attackerUrl}/keys` }, { x5u: `${attackerUrl}/x5u` }, { x5c: ['MIIB'] }])
      await expect(identity()(await sign(header, claims(), own.privateKey))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOKEN_SIGNATURE',
      })
    expect(askedOfAttacker).toBe(0)
  })

  test.each(['../../../dev/null', "' OR 1=1 --", '__proto__', 'constructor', 'e\u0000', '', 'E'])(
    'compares the key id and does nothing else with it: %j (RFC 8725 section 3.10)',
    async (kid) => {
      await expect(identity()(await sign({ kid }))).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_KEY' })
    },
  )

  test('never asks the issuer that a token names (RFC 8725 sections 3.8 and 3.10)', async () => {
    askedOfAttacker = 0
    const two = jwtIdentity([
      { issuer, audience, keys: [key], algorithms: ['ES256'] },
      { issuer: 'https://other.test', audience, keys: [key], algorithms: ['ES256'] },
    ])
    for (const check of [identity(), two])
      await expect(check(await sign({}, { ...claims(), iss: attackerUrl }))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOKEN_ISSUER',
      })
    expect(askedOfAttacker).toBe(0)
  })

  test('believes no document of another issuer (RFC 8725 section 3.8)', async () => {
    const trailing = jwtIdentity({
      issuer: `${attackerUrl}/`,
      audience,
      algorithms: ['ES256'],
      discovery: attackerUrl,
    })
    await expect(trailing(await sign({}, { ...claims(), iss: `${attackerUrl}/` }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE',
      issues: [{ path: 'issuer', kind: 'does not fit' }],
    })
    const exact = jwtIdentity({ issuer: attackerUrl, audience, algorithms: ['ES256'], discovery: true })
    await expect(exact(await sign({}, { ...claims(), iss: attackerUrl }))).resolves.toMatchObject({ userId: 'ada' })
  })

  test.each([
    ['the subject twice', `{"sub":"ada","sub":"bob"`],
    ['the subject twice, once escaped', String.raw`{"sub":"ada","s\u0075b":"bob"`],
    ['the audience twice', `{"sub":"ada","aud":"billing"`],
    ['a member of a nested claim twice', `{"sub":"ada","realm_access":{"roles":["a"],"roles":["b"]}`],
  ])('refuses claims with %s (RFC 7519 section 4)', async (_name, start) => {
    const rest = `,"iss":"${issuer}","aud":"${audience}","exp":${claims().exp}}`
    await expect(symmetric()(await signText('{"alg":"HS256"}', start + rest))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_MALFORMED',
    })
  })

  test('reads a name that stands in several objects, in a text, or as a value (RFC 7519 section 4)', async () => {
    const payload = {
      ...claims(),
      a: { sub: 1, b: [{ sub: 2 }, { sub: 3 }] },
      text: '"sub":"x","sub":{',
      list: ['sub', 'sub'],
    }
    const token = await signText('{"alg":"HS256","typ":"JWT"}', JSON.stringify(payload, null, 1))
    await expect(symmetric()(token)).resolves.toMatchObject({ userId: 'ada' })
  })

  test('refuses bytes that are no UTF-8, which a decoder makes one subject of two (RFC 8725 section 3.7)', async () => {
    const rest = `","iss":"${issuer}","aud":"${audience}","exp":${claims().exp}}`
    const signSubject = (last: number): Promise<string> =>
      signText('{"alg":"HS256"}', Buffer.concat([Buffer.from('{"sub":"ad'), Uint8Array.of(last), Buffer.from(rest)]))
    await expect(symmetric()(await signSubject(0x61))).resolves.toMatchObject({ userId: 'ada' })
    for (const last of [0xfe, 0xff, 0xc0])
      await expect(symmetric()(await signSubject(last))).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_MALFORMED' })
  })

  test('refuses a header with the type twice (RFC 7519 section 4)', async () => {
    const token = await signText('{"alg":"HS256","typ":"logout+jwt","typ":"JWT"}', JSON.stringify(claims()))
    await expect(symmetric()(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_MALFORMED' })
  })

  test('refuses every token that differs in one character from one that it knows (RFC 8725 section 3.2)', async () => {
    const identify = symmetric()
    const token = await signText('{"alg":"HS256"}', JSON.stringify(claims()))
    await identify(token)
    const accepted: number[] = []
    for (let at = 0; at < token.length; at++) {
      for (const other of ['A', 'B', 'E', '9', '_', '='].filter((one) => one !== token[at])) {
        const changed = token.slice(0, at) + other + token.slice(at + 1)
        await identify(changed).then(
          () => accepted.push(at),
          () => undefined,
        )
      }
    }
    expect(accepted).toEqual([])
    for (const changed of [`${token}=`, `${token}.`, ` ${token}`, `${token}\n`, token.toUpperCase()])
      await expect(identify(changed)).rejects.toThrow()
    // One signature in another spelling: the last of 43 characters has two spare bits.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const last of [1, 2, 3].map((bits) => alphabet[alphabet.indexOf(token.at(-1)!) ^ bits]!))
      await expect(identify(token.slice(0, -1) + last)).rejects.toThrow()
    await expect(identify(token)).resolves.toMatchObject({ userId: 'ada' })
  })

  test('takes a key for the algorithm and the curve of its own (RFC 8725 section 3.1)', async () => {
    const p384 = await exportJWK((await generateKeyPair('ES384', { extractable: true })).publicKey)
    expect(() => jwtIdentity({ issuer, audience, keys: [{ ...p384, alg: 'ES256' }], algorithms: ['ES256'] })).toThrow(
      expect.objectContaining({ issues: [{ path: 'keys[0].crv', kind: 'does not fit' }] }),
    )
  })
})
