import { mkdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityProvider, liveSessions } from 'user-execution-context'
import { ticketOffice } from '../../src/login/ticket-office.ts'
import { openTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await openTestServer({ attempts: { perUser: 3, perAddress: 30 } })
})
afterAll(() => server.close())

const signInRefused = { code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' }

describe('POST /login', () => {
  test('answers a token, its type and its lifetime in seconds', async () => {
    const { status, body, headers } = await server.request('POST', '/login', { body: server.users[0] })
    expect(status).toBe(200)
    expect(body).toEqual({
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as unknown,
      tokenType: 'Bearer',
      expiresIn: 900,
    })
    expect(headers.get('cache-control')).toBe('private, no-store')
  })

  test('answers an unknown user and a wrong password alike', async () => {
    const answers = await Promise.all(
      [
        { userName: 'nobody', password: 'x' },
        { ...server.users[1], password: 'x' },
      ].map((body) => server.request('POST', '/login', { body })),
    )
    for (const { status, body } of answers) {
      expect(status).toBe(401)
      expect(body).toEqual(signInRefused)
    }
  })

  test('answers 429 when somebody guesses, and says when to come back', async () => {
    const guess = () => server.request('POST', '/login', { body: { userName: 'victim', password: 'guess' } })
    for (let attempt = 0; attempt < 3; attempt++) expect((await guess()).status).toBe(401)
    const { status, body, headers } = await guess()
    expect(status).toBe(429)
    expect(body.code).toBe('ERR_CONTEXT_SIGN_IN_LIMIT')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('counts failures for the address that the trusted proxy saw, not for that of the proxy', async () => {
    const behindProxy = await openTestServer({ trustedProxies: 1, attempts: { perAddress: 2 } })
    const signIn = (password: string, forwarded: string): Promise<number> =>
      behindProxy
        .request('POST', '/login', {
          body: { ...behindProxy.users[0], password },
          headers: { 'x-forwarded-for': forwarded },
        })
        .then(({ status }) => status)
    const right = behindProxy.users[0].password
    // What a client writes stands to the left of what the proxy appends.
    for (const written of ['203.0.113.1', '198.51.100.9, 203.0.113.1']) expect(await signIn('wrong', written)).toBe(401)
    expect(await signIn(right, '203.0.113.1')).toBe(429)
    expect(await signIn(right, '203.0.113.1, 198.51.100.9')).toBe(200)
    await behindProxy.close()
  })

  test.each([
    ['no body', undefined, {}, 400],
    ['a body that is no JSON', '{"userName":', {}, 400],
    ['a list', [], {}, 400],
    ['a missing password', { userName: 'alice' }, {}, 400],
    ['a password that is no text', { userName: 'alice', password: 7 }, {}, 400],
    [
      'what a form of a foreign page can send',
      '{"userName":"alice","password":"x"}',
      { 'content-type': 'text/plain' },
      400,
    ],
    ['more than it takes', { userName: 'alice', password: 'x'.repeat(70_000) }, {}, 413],
  ])('refuses %s', async (_name, body, headers, status) => {
    const answer = await server.request('POST', '/login', { ...(body !== undefined && { body }), headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })

  test('stops reading a body that has no end', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 16_384
        controller.enqueue(new Uint8Array(16_384).fill(32))
      },
    })
    const answer = await fetch(`http://127.0.0.1:${server.port}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit).then(
      ({ status }) => status,
      () => 413,
    )
    expect(answer).toBe(413)
    expect(sent).toBeLessThan(8_000_000)
  })

  test('logs neither user names nor passwords nor tokens', async () => {
    const { accessToken } = (await server.request('POST', '/login', { body: server.users[0] })).body
    await server.request('POST', '/login', { body: { userName: 'canary-name', password: 'canary-password' } })
    await server.request('POST', '/token', { token: `${accessToken}x` })
    expect(server.log.length).toBeGreaterThan(0)
    const log = JSON.stringify(server.log)
    for (const secret of ['canary', accessToken, ...server.users.map(({ password }) => password)])
      expect(log).not.toContain(secret)
  })
})

describe('POST /token and POST /logout', () => {
  test('renews a token, and ends the session of both at sign-out', async () => {
    const token = await server.signIn(0)
    const other = await server.signIn(0)
    const renewed = await server.request('POST', '/token', { token })
    expect(renewed.body).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 })
    expect((await server.request('POST', '/logout', { token })).status).toBe(204)
    for (const ended of [token, renewed.body.accessToken]) {
      for (const [method, path] of [
        ['POST', '/token'],
        ['POST', '/logout'],
        ['POST', '/ticket'],
        ['GET', '/threads'],
        ['POST', '/runs'],
      ] as const) {
        expect(await server.request(method, path, { token: ended })).toMatchObject({ status: 401, body: signInRefused })
      }
    }
    expect((await server.request('GET', '/threads', { token: other })).status).toBe(200)
  })

  test.each(['/token', '/logout', '/ticket', '/runs'])(
    '%s refuses who sends no token, and a token in the query',
    async (path) => {
      const token = await server.signIn(0)
      for (const target of [path, `${path}?access_token=${token}&token=${token}`]) {
        const { status, body, headers } = await server.request('POST', target)
        expect({ status, body }).toEqual({ status: 401, body: signInRefused })
        expect(headers.get('www-authenticate')).toBe('Bearer')
      }
    },
  )
})

describe('POST /logout', () => {
  test('says nothing of a sign-out that the disk does not take, keeps it, and makes it durable later', async () => {
    const failing = await openTestServer()
    const token = await failing.signIn(0)
    // A directory where the file is written first: no write can succeed.
    const obstacle = join(failing.dataDirectory, 'revocations.jsonl.new')
    await mkdir(obstacle)
    expect((await failing.request('POST', '/logout', { token })).status).toBe(500)
    expect((await failing.request('GET', '/threads', { token })).status).toBe(401)
    await rmdir(obstacle)
    const file = join(failing.dataDirectory, 'revocations.jsonl')
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 15_000 }).toContain('session_revoked')
    await failing.close()
  }, 30_000)

  test('is not served where nothing would be signed out', async () => {
    const identity = identityProvider({ name: 'theirs', verify: (token: string) => ({ userId: token }) })
    const theirs = await openTestServer({ identity })
    expect((await theirs.request('POST', '/logout', { token: 'ada' })).status).toBe(404)
    expect((await theirs.request('GET', '/threads', { token: 'ada' })).status).toBe(200)
    await theirs.close()
  })

  test('signs out every token of a user whose tokens name no session, and nobody of another issuer', async () => {
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    const toIdentity = (namespace: string) =>
      identityProvider({
        name: 'theirs',
        namespace,
        sessions,
        verify: (token: string) => ({ userId: token.split('~')[0]!, issuedAtMs: Date.now() - 5000 }),
      })
    const [own, other] = [toIdentity('own'), toIdentity('other')]
    const identity = (token: string) => (token.endsWith('~other') ? other(token) : own(token))
    const theirs = await openTestServer({ identity, sessions })
    const statusOf = async (token: string): Promise<number> =>
      (await theirs.request('GET', '/threads', { token })).status
    expect((await theirs.request('POST', '/logout', { token: 'ada~1' })).status).toBe(204)
    expect([await statusOf('ada~1'), await statusOf('ada~2')]).toEqual([401, 401])
    expect([await statusOf('bob~1'), await statusOf('ada~other')]).toEqual([200, 200])
    await theirs.close()
  })
})

describe('handleRequest', () => {
  test('answers 404 without more for an unknown path, and for a target that is no path', async () => {
    for (const path of [
      '/nothing',
      '/runs/%',
      '//x/login',
      '/login/',
      '/../users.json',
      '/page/..%2f..%2fusers.json',
    ]) {
      const { status, headers } = await server.request('GET', path)
      expect(status).toBe(404)
      expect(headers.get('cache-control')).toBe('private, no-store')
    }
  })

  test('refuses a page whose origin begins or ends with one that is listed', async () => {
    const own = `http://localhost:${server.port}`
    for (const origin of [`${own}.evil.test`, `${own}0`, `${own}/`, `https://evil.test/${own}`, own.toUpperCase()]) {
      const { status } = await server.request('POST', '/login', { body: server.users[0], headers: { origin } })
      expect([origin, status]).toEqual([origin, 403])
    }
  })

  test.each(['https://evil.test', 'null', 'http://localhost', 'http://localhost:1', 'https://localhost'])(
    'refuses a page of the origin %s',
    async (origin) => {
      const { status, headers } = await server.request('POST', '/login', { body: server.users[0], headers: { origin } })
      expect(status).toBe(403)
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  test('serves its own page, and the pages it was told, and only those', async () => {
    const own = `http://localhost:${server.port}`
    expect((await server.request('POST', '/login', { body: server.users[0], headers: { origin: own } })).status).toBe(
      200,
    )
    const other = await openTestServer({ origins: ['https://app.test'] })
    const preflight = await other.request('OPTIONS', '/login', {
      headers: { 'origin': 'https://app.test', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.test')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
    expect(
      (
        await other.request('POST', '/login', {
          body: other.users[0],
          headers: { origin: `http://localhost:${other.port}` },
        })
      ).status,
    ).toBe(403)
    await other.close()
  })
})

describe('POST /ticket', () => {
  test.each([
    [undefined, { ticket: expect.any(String), expiresIn: 30 }],
    [ticketOffice({ lifetimeMs: 500 }), { ticket: expect.any(String), expiresIn: 0.5 }],
    // Another time than its own would be a guess.
    [{ issue: async () => 'ticket', redeem: async () => 'token' }, { ticket: 'ticket' }],
  ])('says how long a ticket of its office lives, where that says it', async (tickets, answer) => {
    const other = await openTestServer(tickets === undefined ? {} : { tickets })
    const { body } = await other.request('POST', '/ticket', { token: await other.signIn(0) })
    expect(body).toEqual(answer)
    await other.close()
  })
})
