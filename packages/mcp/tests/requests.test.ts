// What a request must bring before a server sees it.
import { request as httpRequest } from 'node:http'
import type { UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notesServer } from './notes.ts'
import { elsewhere, lateRequest, modern, modernHeaders, openWorld, textOf, type World } from './world.ts'

let world: World
let handed: { readonly token: string | undefined; readonly header: string | null | undefined }[]
beforeAll(async () => {
  handed = []
  world = await openWorld(
    (contexts) => {
      notesServer(contexts)
      contexts.registerTool('spy', {}, (_scope, _input, { sdk }) => {
        handed.push({ token: sdk.http?.authInfo?.token, header: sdk.http?.req?.headers.get('authorization') })
        return 'seen'
      })
    },
    { scopes: ['notes:read', 'notes:write'], limits: { bodyBytes: 10_000 } },
  )
})
afterAll(() => world.close())

const list = modern('tools/list')
const listHeaders = modernHeaders('tools/list')

describe('a request', () => {
  // Each request by itself, whatever it was sent over. AISVS 10.2.1, 10.3.1.
  test('without a token learns where to get one, and nothing else', async () => {
    for (const headers of [{}, { 'mcp-session-id': crypto.randomUUID() }, { authorization: 'Basic YTpi' }]) {
      const response = await world.post(undefined, list, { ...listHeaders, ...headers })
      expect(response.status).toBe(401)
      const metadata = new URL('/.well-known/oauth-protected-resource/mcp', world.url)
      expect(response.headers.get('www-authenticate')).toContain(`resource_metadata="${metadata.href}"`)
      expect(response.headers.get('www-authenticate')).toContain('scope="notes:read notes:write"')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('finds the metadata there, without a token', async () => {
    const response = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', world.url))
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual({
      resource: world.url.href,
      authorization_servers: ['https://id.example.com'],
      scopes_supported: ['notes:read', 'notes:write'],
      bearer_methods_supported: ['header'],
    })
    expect((await fetch(response.url, { method: 'OPTIONS' })).status).toBe(204)
    expect((await fetch(response.url, { method: 'POST', body: '{}' })).status).toBe(405)
  })

  test.each<[string, () => Promise<string> | string]>([
    ['a token of another issuer', () => world.token({ iss: 'https://other.example.com' })],
    ['a token for another server', () => world.token({ aud: elsewhere })],
    [
      'a token that names this server as a part of its address',
      () => world.token({ aud: [elsewhere, `${world.url.href}/x`] }),
    ],
    ['a token that has expired', () => world.token({ issuedAtMs: Date.now() - 3_000_000, lifeSeconds: 60 })],
    ['a token that was altered', async () => (await world.token()).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))],
    ['no token of the issuer', () => 'opaque'],
  ])('with %s is refused, and the reason is in the log alone (AISVS 10.2.2, 10.2.7)', async (_, tokenOf) => {
    const response = await world.post(await tokenOf(), list, listHeaders)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: 'invalid_token', error_description: 'Please sign in.' })
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  test('with a token for several servers is served, also with a slash after the address', async () => {
    for (const aud of [[elsewhere, world.url.href], `${world.url.href}/`]) {
      const response = await world.post(await world.token({ aud }), list, listHeaders)
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toBe('private, no-store')
      expect(response.headers.get('vary')).toContain('Authorization')
    }
  })

  test('hands no token on: not to a tool, not in the request that a tool sees (AISVS 9.5.4)', async () => {
    const client = await world.connect(await world.token())
    expect(textOf(await client.callTool({ name: 'spy', arguments: {} }))).toBe('seen')
    expect(handed).toEqual([{ token: 'withheld', header: null }])
  })

  test('with a token in the address is refused', async () => {
    const url = new URL(world.url)
    url.searchParams.set('access_token', await world.token())
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401)
  })

  test('of a page of another origin, or to a name that is not this server, is refused (AISVS 10.3.3)', async () => {
    const token = await world.token()
    const foreign = await world.post(token, list, { ...listHeaders, origin: 'https://evil.example.com' })
    expect(foreign.status).toBe(403)
    expect((await world.post(token, list, { ...listHeaders, origin: 'null' })).status).toBe(403)
    expect((await world.post(token, list, { ...listHeaders, origin: world.url.origin })).status).toBe(200)
    // fetch() sets Host itself.
    const status = await new Promise((resolve) => {
      const headers = {
        'host': 'evil.example.com',
        'authorization': `Bearer ${token}`,
        'content-type': 'application/json',
      }
      const sent = httpRequest(world.url, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.end(JSON.stringify(list))
    })
    expect(status).toBe(403)
  })

  test('with a body that is no JSON, too large, or of another type is answered so (AISVS 10.4.5)', async () => {
    const token = await world.token()
    expect((await world.post(token, '{"jsonrpc"', listHeaders)).status).toBe(400)
    expect((await world.post(token, '', listHeaders)).status).toBe(400)
    expect((await world.post(token, JSON.stringify({ text: 'x'.repeat(20_000) }), listHeaders)).status).toBe(413)
    expect((await world.post(token, list, { ...listHeaders, 'content-type': 'text/plain' })).status).toBe(415)
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(1000))),
    })
    const request = new Request(world.url, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
    } as RequestInit)
    expect((await world.contexts.fetch(request)).status).toBe(413)
  })
})

describe('an identity', () => {
  test('that ends while the body of its request comes in gets nothing', async () => {
    const claims = { sub: 'late', sid: 'late', issuedAtMs: Date.now() - 5000 }
    const { context } = (await world.contexts.verifier.verifyAccessToken(await world.token(claims))).extra as {
      readonly context: UserExecutionContext
    }
    const response = await world.contexts.fetch(
      lateRequest(world, await world.token(claims), 'tools/list', {}, () =>
        world.sessions.revoke({ session: context }),
      ),
    )
    expect(response.status).toBe(401)
    expect(world.errors.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
  })

  test('that cannot be asked is a 503 or a 500, not a refusal', async () => {
    const failing = async (error: unknown): Promise<Response> => {
      const other = await openWorld(notesServer, { identity: () => Promise.reject(error) })
      const response = await other.post('token', list, listHeaders)
      await other.close()
      expect(other.errors).toEqual([error])
      return response
    }
    const { ContextError } = await import('user-execution-context')
    const silent = await failing(new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN'))
    expect([silent.status, silent.headers.get('retry-after')]).toEqual([503, '1'])
    const broken = await failing(new Error('database db-7 is down'))
    expect(broken.status).toBe(500)
    expect(await broken.text()).not.toContain('db-7')
  })

  test('that gives no verified user makes no context', async () => {
    const other = await openWorld(notesServer, {
      identity: (() => Promise.resolve({ userId: 'alice', permissions: [] })) as never,
      audienceOf: () => other.url.href,
    })
    expect((await other.post('token', list, listHeaders)).status).toBe(500)
    expect(other.errors[0]).toMatchObject({ code: 'ERR_CONTEXT_USER_NOT_VERIFIED' })
    await other.close()
  })

  test('of opaque tokens needs to be told for whom they are', async () => {
    const { identityProvider } = await import('user-execution-context')
    const identity = identityProvider({ name: 'opaque', verify: (token: string) => ({ userId: token }) })
    const untold = await openWorld(notesServer, { identity })
    expect((await untold.post('alice', list, listHeaders)).status).toBe(401)
    expect(untold.errors[0]).toMatchObject({ code: 'ERR_CONTEXT_TOKEN_AUDIENCE' })
    await untold.close()
    const asked: string[] = []
    const told = await openWorld(notesServer, {
      identity,
      audienceOf: (token) => (asked.push(token), token === 'alice' ? told.url.href : undefined),
    })
    expect((await told.post('alice', list, listHeaders)).status).toBe(200)
    expect((await told.post('bob', list, listHeaders)).status).toBe(401)
    expect(asked).toEqual(['alice', 'bob'])
    await told.close()
  })
})
