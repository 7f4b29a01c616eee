import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import { identityProvider, liveSessions } from 'user-execution-context'
import { newGate } from '../phases/run-agent.ts'
import { openClient, openTestServer } from './test-server.ts'

afterEach(() => void vi.useRealTimers())

describe('openGoldenPathServer with an issuer of your own', () => {
  test('takes its tokens everywhere, serves no sign-in of its own, and signs sessions out', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    const key = { ...(await exportJWK(publicKey)), alg: 'EdDSA' } as const
    const sessions = liveSessions({ maxProofMs: 7_200_000 })
    const server = await openTestServer({
      identity: jwtIdentity({ issuer: 'elsewhere', audience: 'here', keys: [key], algorithms: ['EdDSA'], sessions }),
      sessions,
    })
    const sign = (sid: string): Promise<string> =>
      new SignJWT({ sid })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setSubject('ada')
        .setIssuer('elsewhere')
        .setAudience('here')
        .setExpirationTime('1h')
        .sign(privateKey)
    const [token, other] = [await sign('s-1'), await sign('s-2')]

    for (const path of ['/login', '/token'])
      expect((await server.request('POST', path, { token, body: server.users[0] })).status).toBe(404)
    const client = await openClient(server, { token })
    expect((await server.request('POST', '/logout', { token })).status).toBe(204)
    expect(await client.closed).toMatchObject({ code: 4401 })
    expect((await server.request('GET', '/threads', { token })).status).toBe(401)
    await expect(openClient(server, { token })).rejects.toMatchObject({ status: 401 })
    expect((await server.request('GET', '/threads', { token: other })).status).toBe(200)
    await server.close()
  })

  test.each([
    ['in no registry', () => undefined],
    ['in another registry', () => liveSessions({ maxProofMs: 60_000 })],
  ])('tells nobody that they are signed out whose proof is filed %s, and the app what to do', async (_name, open) => {
    const theirs = open()
    const verify = (token: string) => ({ userId: 'ada', sessionId: token, issuedAtMs: Date.now() })
    const identity = identityProvider({ name: 'theirs', sessions: theirs, verify })
    const faults: unknown[] = []
    const sessions = liveSessions({ maxProofMs: 60_000 })
    const server = await openTestServer({ identity, sessions, onError: (error) => faults.push(error) })
    for (const [method, path] of [
      ['GET', '/threads'],
      ['POST', '/ticket'],
      ['POST', '/logout'],
    ] as const)
      expect([path, (await server.request(method, path, { token: 's-1' })).status]).toEqual([path, 500])
    await expect(openClient(server, { token: 's-1' })).rejects.toMatchObject({ status: 500 })
    const mistake = { code: 'ERR_CONTEXT_INVALID_OPTIONS', issues: [{ path: 'sessions', kind: 'does not fit' }] }
    expect(faults).toEqual(faults.map(() => expect.objectContaining(mistake)))
    expect(String(faults[0])).toContain('give both the same registry')
    await server.close()
  })

  test('lets a user in who is filed in its registry, again after each request, until they are signed out', async () => {
    const sessions = liveSessions({ maxProofMs: 60_000 })
    const verify = (token: string) => ({ userId: 'ada', sessionId: token, issuedAtMs: 1 + Date.now() - 1 })
    const server = await openTestServer({ identity: identityProvider({ name: 'theirs', sessions, verify }), sessions })
    for (let request = 0; request < 3; request++)
      expect((await server.request('GET', '/threads', { token: 's-1' })).status).toBe(200)
    expect((await server.request('POST', '/logout', { token: 's-1' })).status).toBe(204)
    await server.close()
  })

  test.each([
    ['a week', { expiresInMs: 7 * 86_400_000 }],
    ['no end', {}],
  ])(
    'keeps a user out who signed out of a token of %s, also days later',
    async (_name, { expiresInMs }: { expiresInMs?: number }) => {
      const expiresAtMs = expiresInMs === undefined ? undefined : Date.now() + expiresInMs
      const sessions = liveSessions({ maxProofMs: 30 * 86_400_000 })
      const identity = identityProvider({
        name: 'lasting',
        sessions,
        verify: (token: string) => ({ userId: 'ada', sessionId: token, expiresAtMs }),
      })
      const server = await openTestServer({ identity, sessions })
      await server.request('POST', '/logout', { token: 's-1' })
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 })
      // Each sign-out forgets those that are over.
      await server.request('POST', '/logout', { token: 's-2' })
      expect((await server.request('GET', '/threads', { token: 's-1' })).status).toBe(401)
      expect((await server.request('GET', '/threads', { token: 's-3' })).status).toBe(200)
      await server.close()
    },
  )

  test.each([
    ['another tenant', { userId: 'ada', tenantId: 'b' }],
    ['another user', { userId: 'bob', tenantId: 'a', sessionId: 'ada' }],
  ])('ends no ticket of a user for those of %s', async (_name, theirs) => {
    const identity = identityProvider({
      name: 'tenants',
      verify: (token: string) => (token === 'own' ? { userId: 'ada', tenantId: 'a' } : theirs),
    })
    const server = await openTestServer({ identity })
    const { ticket } = (await server.request('POST', '/ticket', { token: 'own' })).body
    for (let count = 0; count < 16; count++) await server.request('POST', '/ticket', { token: 'theirs' })
    const client = await openClient(server, { path: `/ws?ticket=${ticket}` })
    client.close()
    await server.close()
  })

  test('reads no more of a client while its token is checked, and all of it in order afterwards', async () => {
    const check = newGate()
    const identity = identityProvider({
      name: 'slow',
      verify: async (token: string) => {
        if (token === 'slow') await check.opened
        return { userId: 'ada' }
      },
    })
    const server = await openTestServer({ identity, limits: { messagesPerSecond: 1_000 } })
    const client = await openClient(server, { token: 'quick' })
    client.send({ type: 'renew_token', token: 'slow' })
    const large = 'x'.repeat(60_000)
    for (let message = 0; message < 500; message++) client.send(large)
    client.send({ type: 'ping' })
    await pause(300)
    // The buffers of the kernel take some of the 30 MB; the server must not have taken the rest.
    expect(client.socket.bufferedAmount).toBeGreaterThan(15_000_000)
    check.open()
    await client.next(({ type }) => type === 'pong')
    expect(client.messages.map(({ type }) => type)).toEqual([
      'connection_ready',
      'token_renewed',
      ...Array.from({ length: 500 }, () => 'error'),
      'pong',
    ])
    client.close()
    await server.close()
  })

  test('takes no message before the one that waits behind another', async () => {
    const checks = { first: newGate(), second: newGate() }
    const identity = identityProvider({
      name: 'slow',
      verify: async (token: string) => {
        await checks[token as keyof typeof checks]?.opened
        return { userId: 'ada' }
      },
    })
    const server = await openTestServer({ identity })
    const client = await openClient(server, { token: 'quick' })
    for (const token of Object.keys(checks)) client.send({ type: 'renew_token', token, clientRequestId: token })
    checks.first.open()
    await client.next(({ type }) => type === 'token_renewed')
    client.send({ type: 'ping' })
    await pause(100)
    checks.second.open()
    await client.next(({ type }) => type === 'pong')
    expect(client.messages.map(({ type }) => type).slice(-3)).toEqual(['token_renewed', 'token_renewed', 'pong'])
    client.close()
    await server.close()
  })

  test('does not take a token of the same user id of another issuer for a renewal', async () => {
    const of = (namespace: string) => identityProvider({ name: 'oidc', namespace, verify: () => ({ userId: 'ada' }) })
    const [ours, partners] = [of('https://id.example.com'), of('https://partner.example')]
    const server = await openTestServer({ identity: (token) => (token === 'ours' ? ours : partners)(token) })
    const client = await openClient(server, { token: 'ours' })
    client.send({ type: 'renew_token', token: 'partners', clientRequestId: 'renewal' })
    expect(await client.next(({ clientRequestId }) => clientRequestId === 'renewal')).toMatchObject({
      type: 'error',
      code: 'ERR_CONTEXT_ANOTHER_SUBJECT',
    })
    client.close()
    await server.close()
  })

  test('does not take a token of the same user id in another tenant for a renewal', async () => {
    const identity = identityProvider({
      name: 'tenants',
      verify: async (token: string) => ({ userId: 'ada', tenantId: token }),
    })
    const server = await openTestServer({ identity })
    const client = await openClient(server, { token: 'north' })
    client.send({ type: 'renew_token', token: 'south', clientRequestId: 'renewal' })
    expect(await client.next(({ clientRequestId }) => clientRequestId === 'renewal')).toMatchObject({
      type: 'error',
      code: 'ERR_CONTEXT_ANOTHER_SUBJECT',
    })
    client.send({ type: 'renew_token', token: 'north' })
    await client.next(({ type }) => type === 'token_renewed')
    client.close()
    await server.close()
  })
})
