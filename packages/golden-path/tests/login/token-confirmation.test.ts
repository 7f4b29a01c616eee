// Tokens that are bound to a key of their client, sent by somebody who does not show that key.
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'
import { providerShapes } from './provider-shapes.ts'

const secret = Buffer.alloc(32, 7)
const key = { kty: 'oct', alg: 'HS256', k: secret.toString('base64url') } as const
const identity = (options: Partial<JwtIdentityOptions> = {}) =>
  jwtIdentity({ issuer: 'i', audience: 'a', keys: [key], algorithms: ['HS256'], ...options })
const sign = (cnf: unknown, payload: object = {}): Promise<string> =>
  new SignJWT({ sub: 'ada', iss: 'i', aud: 'a', cnf, ...payload })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setExpirationTime('5m')
    .sign(secret)
const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const refused = (path: string, kind: string) => ({ code: 'ERR_CONTEXT_TOKEN_TYPE', issues: [{ path, kind }] })

describe('jwtIdentity for a token that is bound to a key', () => {
  test.each<[string, unknown]>([
    ['DPoP (RFC 9449 section 7.2)', { jkt: thumbprint }],
    ['mutual TLS (RFC 8705 section 3)', { 'x5t#S256': thumbprint }],
    ['a key of its own (RFC 7800 section 3.2)', { jwk: { kty: 'EC', crv: 'P-256' } }],
    ['a method that nobody knows', { 'urn:example:new': 1 }],
    ['nothing', {}],
    ['null', null],
    ['text', 'x'],
  ])('refuses a stolen one that is sent as a bearer token: %s', async (_name, cnf) => {
    const refusal = await identity()(await sign(cnf)).catch((error: unknown) => error)
    expect(refusal).toMatchObject(refused('confirm', 'missing'))
    expect(refusal).toMatchObject({
      message: expect.stringContaining('jwtIdentity() that check as confirm') as unknown,
    })
    expect(String(refusal)).not.toContain(thumbprint)
  })

  test('asks the named check each time, also for a token that it has let in before', async () => {
    const asked: unknown[] = []
    let holdsKey = true
    const identify = identity({
      confirm: async (cnf, token) => {
        asked.push([cnf, token])
        return holdsKey
      },
    })
    const token = await sign({ jkt: thumbprint })
    await expect(identify(token)).resolves.toMatchObject({ userId: 'ada' })
    await expect(identify(token)).resolves.toMatchObject({ userId: 'ada' })
    holdsKey = false
    await expect(identify(token)).rejects.toMatchObject(refused('confirm', 'refused by policy'))
    expect(asked).toEqual(Array(3).fill([{ jkt: thumbprint }, token]))
  })

  test.each<unknown>([undefined, 'yes', 1, {}])('takes no answer of the check but true: %j', async (answer) => {
    const identify = identity({ confirm: () => answer as boolean })
    await expect(identify(await sign({ jkt: thumbprint }))).rejects.toMatchObject(
      refused('confirm', 'refused by policy'),
    )
  })

  test.each<unknown>([null, 'x', [{ jkt: thumbprint }]])('asks the check about no binding like %j', async (cnf) => {
    const identify = identity({ confirm: () => true })
    await expect(identify(await sign(cnf))).rejects.toMatchObject(refused('cnf', 'not an object'))
  })

  test('does not ask the check about a token without a binding', async () => {
    const identify = identity({ confirm: () => false })
    await expect(identify(await sign(undefined))).resolves.toMatchObject({ userId: 'ada' })
  })

  test('reads no binding from a polluted prototype, and lets none hide one', async () => {
    const prototype = Object.prototype as { cnf?: unknown }
    prototype.cnf = undefined
    try {
      await expect(identity()(await sign({ jkt: thumbprint }))).rejects.toMatchObject(refused('confirm', 'missing'))
      await expect(identity()(await sign(undefined))).resolves.toMatchObject({ userId: 'ada' })
    } finally {
      delete prototype.cnf
    }
  })

  test.each(['x', true, {}])('refuses %j as a check', (confirm) => {
    expect(() => identity({ confirm: confirm as never })).toThrow(
      expect.objectContaining({ issues: [{ path: 'confirm', kind: 'not a function' }] }),
    )
  })

  test.each(providerShapes)('concerns no token that $name issues unasked', ({ claims, idToken, machine }) => {
    for (const each of [claims, idToken, machine.claims]) expect(each).not.toHaveProperty('cnf')
  })
})
