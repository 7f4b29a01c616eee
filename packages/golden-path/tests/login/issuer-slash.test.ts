// Auth0 writes its issuer with a slash at the end, Keycloak without: the commonest reason why no token is accepted.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'

const secret = Buffer.alloc(32, 3)
const keys = [{ kty: 'oct', alg: 'HS256', k: secret.toString('base64url') }] as const
const options = { audience: 'agents', keys, algorithms: ['HS256'] } as const
const sign = (issuer: string): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setAudience('agents')
    .setSubject('u-1')
    .setExpirationTime('1h')
    .sign(secret)
const refusalOf = (identity: (token: string) => Promise<unknown>, token: string): Promise<Error> =>
  identity(token).then(
    () => expect.unreachable(),
    (error: Error) => error,
  )

describe('an issuer that differs by the slash at its end', () => {
  test.each([
    ['https://id.example', 'https://id.example/', 'lacks the slash at its end'],
    ['https://id.example/', 'https://id.example', 'ends in a slash'],
  ])('is refused with what to do: %s for %s', async (issuer, named, words) => {
    const other = { ...options, issuer: 'https://other.example' }
    for (const identity of [jwtIdentity({ ...options, issuer }), jwtIdentity([other, { ...options, issuer }])]) {
      const error = await refusalOf(identity, await sign(named))
      expect(error).toMatchObject({ code: 'ERR_CONTEXT_TOKEN_ISSUER' })
      expect(error.message).toContain(words)
      expect(error.message).not.toContain('id.example')
    }
  })

  test('is refused without that advice when it is another issuer', async () => {
    for (const named of ['https://elsewhere.example', 'https://id.example/x', 'https://id.example//']) {
      const error = await refusalOf(jwtIdentity({ ...options, issuer: 'https://id.example' }), await sign(named))
      expect(error).toMatchObject({ code: 'ERR_CONTEXT_TOKEN_ISSUER' })
      expect(error.message).not.toContain('slash')
    }
  })

  test('is refused with what to do when it is discovered', async () => {
    const server = createServer((_request, response) => void response.end(JSON.stringify({ issuer: `${url}/` })))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const identity = jwtIdentity({ issuer: url, audience: 'agents', algorithms: ['RS256'], discovery: true })
    const token = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.AA`
    const error = await refusalOf(identity, token)
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE' })
    const cause = (error as { readonly cause?: { readonly message?: string } }).cause
    expect(`${error.message} ${cause?.message}`).toContain('lacks the slash at its end')
    server.close()
  })
})
