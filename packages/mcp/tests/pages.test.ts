// Under which names a server may be asked, and which pages may read its answers, on both SDKs.
import { identityProvider } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { mcpContexts as onSdk2 } from '../src/index.ts'
import { mcpContexts as onSdk1 } from '../src/sdk-1.ts'

type Asked = { readonly fetch: (request: Request) => Promise<Response> }
const open = { 'SDK 2': onSdk2 as (options: object) => Asked, 'SDK 1': onSdk1 as (options: object) => Asked }
const page = 'https://app.example.com'

describe.each(['SDK 2', 'SDK 1'] as const)('a server on %s', (sdk) => {
  const errors: { code?: string; message: string }[] = []
  const serve = (resource: string, more: object = {}): Asked =>
    open[sdk]({
      identity: identityProvider({ name: 'tokens', verify: (token: string) => ({ userId: token }) }),
      resource,
      audienceOf: () => resource,
      authorizationServers: ['https://id.example.com'],
      server: { name: 'notes', version: '1.0.0' },
      onError: (error: never) => errors.push(error),
      ...more,
    })
  const ask = (server: Asked, headers: Record<string, string>, method = 'POST'): Promise<Response> => {
    const sent = method === 'POST' && { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }) }
    const more = { 'accept': 'application/json, text/event-stream', 'content-type': 'application/json' }
    return server.fetch(
      new Request('http://localhost:3000/mcp', {
        method,
        ...sent,
        headers: { ...more, authorization: 'Bearer ada', ...headers },
      }),
    )
  }
  const preflight = (server: Asked, origin: string, wanted = 'authorization,content-type,mcp-session-id') =>
    server.fetch(
      new Request('http://localhost:3000/mcp', {
        method: 'OPTIONS',
        headers: {
          'host': 'localhost:3000',
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': wanted,
        },
      }),
    )

  test.each([
    ['http://localhost:3000/mcp', '127.0.0.1:3000'],
    ['http://127.0.0.1:3000/mcp', 'localhost:3000'],
    ['http://localhost:3000/mcp', '[::1]:3000'],
  ])('opened as %s and asked as %s says which option is to set, to both sides', async (resource, host) => {
    errors.length = 0
    const refused = await ask(serve(resource), { host })
    expect(refused.status).toBe(403)
    expect(JSON.stringify(await refused.json())).toContain('allowedHosts')
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT_ORIGIN_REFUSED', issues: [{ path: 'host' }] }])
    expect(errors[0]!.message).toContain('allowedHosts')
    expect(errors[0]!.message).not.toContain(host)
    const known = serve(resource, { allowedHosts: ['localhost', '127.0.0.1', '[::1]'] })
    expect((await ask(known, { host })).status).not.toBe(403)
  })

  test.each(['localhost.evil.example.com', 'localhost:3000.evil.example.com', 'evil.example.com', ''])(
    'is not asked as %j',
    async (host) => {
      expect((await ask(serve('http://localhost:3000/mcp'), { host })).status).toBe(403)
    },
  )

  test('lets no page of another origin send or read, and says which option is to set', async () => {
    const server = serve('http://localhost:3000/mcp')
    for (const refused of [
      await ask(server, { host: 'localhost:3000', origin: page }),
      await preflight(server, page),
    ]) {
      expect(refused.status).toBe(403)
      expect(refused.headers.get('access-control-allow-origin')).toBeNull()
      expect(await refused.text()).toContain('corsOrigins')
    }
    // A page of a host that may send reads nothing, and is told so in the preflight.
    const own = await preflight(server, 'http://localhost:5173')
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })

  test('answers the preflight of a listed origin, and lets its page read every answer', async () => {
    const server = serve('http://localhost:3000/mcp', { corsOrigins: [page] })
    const allowed = await preflight(server, page, 'authorization,content-type,mcp-param-region')
    expect(allowed.status).toBe(204)
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'authorization,content-type,mcp-param-region',
      'vary': 'Access-Control-Request-Headers, Origin',
    })
    const answers = [
      await ask(server, { host: 'localhost:3000', origin: page }),
      await ask(server, { host: 'localhost:3000', origin: page, authorization: '' }),
    ]
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe(page)
      expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('vary')).toContain('Origin')
    }
    expect(answers[1]!.status).toBe(401)
  })

  test.each(['https://evil.example.com', 'http://app.example.com', `${page}:8443`, `${page}.evil.example.com`, 'null'])(
    'that lists an origin answers no page of %s',
    async (origin) => {
      const server = serve('http://localhost:3000/mcp', { corsOrigins: [page] })
      const refused = [await ask(server, { host: 'localhost:3000', origin }), await preflight(server, origin)]
      for (const { status, headers } of refused) {
        expect([status, headers.get('access-control-allow-origin')]).toEqual([403, null])
        expect(headers.get('vary')).toContain('Origin')
      }
    },
  )

  test('tells caches that an answer to no page is none for a page', async () => {
    const server = serve('http://localhost:3000/mcp', { corsOrigins: [page] })
    const answer = await ask(server, { host: 'localhost:3000' })
    expect(answer.headers.get('vary')).toContain('Origin')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each([['*'], ['https://app.example.com/'], ['app.example.com'], ['https://*.example.com'], ['null'], ['']])(
    'takes no origin %j',
    (origin) => {
      expect(() => serve('http://localhost:3000/mcp', { corsOrigins: [page, origin] })).toThrow(
        expect.objectContaining({
          code: 'ERR_CONTEXT_INVALID_OPTIONS',
          issues: [{ path: 'corsOrigins[1]', kind: 'does not fit' }],
        }) as Error,
      )
    },
  )
})
