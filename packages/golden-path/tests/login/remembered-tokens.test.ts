import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SignJWT, type JWTPayload } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest'
import { liveSessions } from 'user-execution-context'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const toHeldBytes = (): number => {
  vi.restoreAllMocks()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const secret = Buffer.alloc(32, 7)
const key = { kty: 'oct', alg: 'HS256', k: secret.toString('base64url') } as const
const identity = (change: Partial<JwtIdentityOptions> = {}): ReturnType<typeof jwtIdentity> =>
  jwtIdentity({ issuer: 'i', audience: 'a', keys: [key], algorithms: ['HS256'], ...change })
const sign = (claims: JWTPayload = {}): Promise<string> =>
  new SignJWT({ sub: 'ada', iss: 'i', aud: 'a', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(secret)

let verifications: MockInstance
beforeEach(() => {
  // The real one still runs: only its calls are counted.
  verifications = vi.spyOn(crypto.subtle, 'verify')
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('jwtIdentity for a token that it has verified', () => {
  test('verifies its signature once', async () => {
    const identify = identity()
    const token = await sign()
    const users = [await identify(token), await identify(token), await identify(token)]
    expect(new Set(users).size).toBe(1)
    expect(verifications).toHaveBeenCalledTimes(1)
  })

  test('asks each time whether its session was signed out, and forgets it then (AISVS 9.5.6)', async () => {
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    const identify = identity({ sessions })
    const token = await sign({ sid: 's-1', iat: Math.floor(Date.now() / 1000) })
    await sessions.revoke({ session: await identify(token) })
    for (let check = 0; check < 2; check++)
      await expect(identify(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    // The second of them was verified again: a token that is signed out takes no place.
    expect(verifications).toHaveBeenCalledTimes(2)
  })

  test('asks the rule of the caller each time', async () => {
    let isAccepted = true
    const identify = identity({ accept: ({ userId }) => isAccepted && userId === 'ada' })
    const token = await sign()
    await identify(token)
    isAccepted = false
    await expect(identify(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REFUSED' })
    isAccepted = true
    await expect(identify(token)).resolves.toMatchObject({ userId: 'ada' })
  })

  test.each([
    ['without a registry', undefined],
    ['with one, whose timer may be late', liveSessions({ maxProofMs: 3_600_000 })],
  ])('refuses it from its end on, %s', async (_how, sessions) => {
    const identify = identity({ clockToleranceSeconds: 0, sessions })
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = await sign({ exp })
    await identify(token)
    vi.useFakeTimers({ toFake: ['Date'], now: exp * 1000 - 1 })
    await expect(identify(token)).resolves.toMatchObject({ userId: 'ada' })
    vi.setSystemTime(exp * 1000)
    await expect(identify(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_EXPIRED' })
  })

  test('remembers as many as it may, and forgets which was not used for longest', async () => {
    const identify = identity({ rememberedTokens: 2 })
    const [first, second, third] = [await sign({ sid: '1' }), await sign({ sid: '2' }), await sign({ sid: '3' })]
    for (const token of [first, second, first, third]) await identify(token)
    expect(verifications).toHaveBeenCalledTimes(3)
    await identify(first)
    expect(verifications).toHaveBeenCalledTimes(3)
    await identify(second)
    expect(verifications).toHaveBeenCalledTimes(4)
  })

  test('remembers none when it is told so, and none that it refused', async () => {
    const identify = identity({ rememberedTokens: 0 })
    const token = await sign()
    for (let check = 0; check < 3; check++) await identify(token)
    expect(verifications).toHaveBeenCalledTimes(3)
    const strict = identity({ accept: () => false })
    for (let check = 0; check < 3; check++) await expect(strict(token)).rejects.toThrow()
    expect(verifications).toHaveBeenCalledTimes(6)
  })

  test('holds none of its text (AISVS 10.2.3)', async () => {
    const identify = identity()
    const before = toHeldBytes()
    for (let count = 0; count < 800; count++) await identify(await sign({ sid: `s-${count}`, pad: 'x'.repeat(11_000) }))
    expect(toHeldBytes() - before).toBeLessThan(6_000_000)
    // Still in use here, so that what it holds was counted.
    await expect(identify(await sign())).resolves.toMatchObject({ userId: 'ada' })
  })

  test('gives the user of one identity to no other of the same issuer', async () => {
    const [one, other] = [identity(), identity({ audience: 'b' })]
    const token = await sign()
    await one(token)
    await expect(other(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_AUDIENCE' })
  })
})
