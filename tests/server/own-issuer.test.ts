import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/golden-path/login/jwt-identity.ts'
import { openClient, openTestServer } from './test-server.ts'

describe('openServer with an issuer of your own', () => {
  test('takes its tokens everywhere, serves no sign-in of its own, and signs sessions out', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    const key = { ...(await exportJWK(publicKey)), alg: 'EdDSA' } as const
    const server = await openTestServer({ identity: jwtIdentity({ issuer: 'elsewhere', audience: 'here', keys: [key], algorithms: ['EdDSA'] }) })
    const sign = (sid: string): Promise<string> => new SignJWT({ sid }).setProtectedHeader({ alg: 'EdDSA' }).setSubject('ada')
      .setIssuer('elsewhere').setAudience('here').setExpirationTime('1h').sign(privateKey)
    const [token, other] = [await sign('s-1'), await sign('s-2')]

    for (const path of ['/login', '/token']) expect((await server.request('POST', path, { token, body: server.users[0] })).status).toBe(404)
    const client = await openClient(server, { token })
    expect((await server.request('POST', '/logout', { token })).status).toBe(204)
    expect(await client.closed).toMatchObject({ code: 4401 })
    expect((await server.request('GET', '/threads', { token })).status).toBe(401)
    await expect(openClient(server, { token })).rejects.toMatchObject({ status: 401 })
    expect((await server.request('GET', '/threads', { token: other })).status).toBe(200)
    await server.close()
  })
})
