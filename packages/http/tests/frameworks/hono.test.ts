// Hono 4 on Node over real sockets: the program of examples/hono, what a forgotten middleware does, other runtimes.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { contextOf, scopeOf, userContext, type UserContextEnv } from '@user-execution-context/http/hono'
import { identityProvider, isContextError, liveSessions, type Scope } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { describe, expect, test, vi } from 'vitest'
import { ask, askWithLateBodies, begin } from './client.ts'
import { describeExample } from './run-example.ts'
import { closeAfterEach, identity } from './two-users.ts'

describe('the program of Hono', () => {
  describeExample(
    async () => {
      const program = await import('../../../../examples/hono/server.ts')
      return { ...program, server: program.server as Server }
    },
    {
      guide: 'hono',
      row: { framework: 'Hono', library: 'hono', program: 'examples/hono/server.ts', measuredAs: 'hono' },
    },
  )
})

const portOf = closeAfterEach()
const listen = (app: { fetch: (request: Request) => Response | Promise<Response> }): Promise<number> => {
  return portOf(serve({ fetch: app.fetch as never, port: 0, hostname: '127.0.0.1' }) as Server)
}
const users = userContext(identity)

describe('userContext() in Hono', () => {
  test('gives the context under c.var.userContext, to contextOf() and to scopeOf()', async () => {
    const app = new Hono()
      .use(users)
      .get('/', (c) =>
        c.json([c.var.userContext.userId, contextOf(c) === c.var.userContext, scopeOf(c).context === contextOf(c)]),
      )
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('["ada",true,true]')
  })

  test('refuses at run time where the middleware was forgotten, with a sentence for the developer only', async () => {
    const seen: unknown[] = []
    const app = new Hono<UserContextEnv>().get('/', (c) => c.text(contextOf(c).userId))
    app.onError((error) => {
      seen.push(error)
      throw error
    })
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const plain = new Hono<UserContextEnv>().get('/', (c) => c.text(contextOf(c).userId))
    const { status, text } = await ask(await listen(plain), { path: '/', token: 'ada' })
    expect(status).toBe(500)
    expect(JSON.parse(text)).toEqual({ code: 'ERR_CONTEXT_NOT_ISSUED', message: 'Something went wrong on our side.' })
    await ask(await listen(app), { path: '/', token: 'ada' }).catch(() => undefined)
    expect(String(seen[0])).toContain('new Hono().use(userContext(identity))')
    vi.restoreAllMocks()
  })

  test('gives the error of an ended identity to the error handler of the app', async () => {
    const seen: unknown[] = []
    const short = identityProvider({
      name: 'short',
      verify: (token: string) => ({ userId: token, expiresAtMs: Date.now() + 1_000 }),
    })
    const app = new Hono().use(userContext(short)).get('/', async (c) => {
      await pause(60_000, undefined, { signal: scopeOf(c).signal })
      return c.text('done')
    })
    app.onError((error, c) => {
      seen.push(error)
      return c.text('own', isContextError(error) ? 401 : 500)
    })
    const answer = await ask(await listen(app), { path: '/', token: 'ada' })
    expect([answer.status, answer.text]).toEqual([401, 'own'])
    expect(seen.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_EXPIRED' })
  })

  test('stands behind a middleware that replaces the request, and keeps its own user', async () => {
    const app = new Hono()
      .use(users)
      .use(bodyLimit({ maxSize: 1000 }))
      .post('/', async (c) => c.json([contextOf(c).userId, await c.req.text()]))
    expect((await ask(await listen(app), { method: 'POST', path: '/', token: 'bob', body: 1 })).text).toBe(
      '["bob","1"]',
    )
  })

  test('verifies once where it stands twice, and gives each its own user where another stands between', async () => {
    const verify = vi.fn((token: string) => ({ userId: token }))
    const counted = userContext(identityProvider({ name: 'counted', verify }))
    const others = userContext(identityProvider({ name: 'others', verify: () => ({ userId: 'other' }) }))
    const runs: string[] = []
    const app = new Hono()
      .use(counted)
      .use(async (c, next) => {
        runs.push(c.var.userContext.runId)
        await next()
      })
      .get('/once', counted, (c) => c.json([c.var.userContext.userId, c.var.userContext.runId === runs[0]]))
      .get('/between', others, counted, (c) => c.json([c.var.userContext.userId, contextOf(c).userId]))
      .get('/last', others, (c) => c.json([c.var.userContext.userId, contextOf(c).userId]))
    const port = await listen(app)
    expect((await ask(port, { path: '/once', token: 'ada' })).text).toBe('["ada",true]')
    expect(verify).toHaveBeenCalledTimes(1)
    expect((await ask(port, { path: '/between', token: 'ada' })).text).toBe('["ada","ada"]')
    expect((await ask(port, { path: '/last', token: 'ada' })).text).toBe('["other","other"]')
  })

  test('closes the scope when a stream has ended, and when its reader has left', async () => {
    const scopes: Scope[] = []
    const app = new Hono().use(users).get('/:end', (c) => {
      scopes.push(scopeOf(c))
      const mayEnd = c.req.param('end') === 'ends'
      return c.body(
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(new TextEncoder().encode('piece'))
            if (mayEnd) setTimeout(() => controller.close(), 50)
          },
        }),
      )
    })
    const port = await listen(app)
    expect((await ask(port, { path: '/ends', token: 'ada' })).text).toBe('piece')
    await expect.poll(() => scopes[0]!.isClosed).toBe(true)
    const sent = begin(port, { path: '/stays', token: 'ada' })
    sent.on('error', () => undefined).end()
    await expect.poll(() => scopes.length).toBe(2)
    await pause(50)
    expect(scopes[1]!.isClosed).toBe(false)
    sent.destroy()
    await expect.poll(() => scopes[1]!.isClosed).toBe(true)
  })

  test('has an ambient context when asked, behind a body that arrives late, and none otherwise', async () => {
    const app = new Hono()
      .post('/with', userContext(identity, { ambient: runWithContext }), async (c) => {
        await c.req.json()
        return c.text(currentContext().userId)
      })
      .post('/without', users, (c) => {
        expect(() => currentContext()).toThrow('no ambient context')
        return c.text('none')
      })
    const port = await listen(app)
    for (const { token, answer } of await askWithLateBodies(port, '/with', ['ada', 'bob', 'ada', 'bob']))
      expect((await answer).text).toBe(token)
    expect((await ask(port, { method: 'POST', path: '/without', token: 'ada', body: { a: 1 } })).text).toBe('none')
  })
})

describe('userContext() in Hono without a response of Node', () => {
  const open = (answer: () => Response) => {
    const scopes: Scope[] = []
    const app = new Hono().use(users).get('/', (c) => {
      scopes.push(scopeOf(c))
      return answer()
    })
    const request = (signal?: AbortSignal, method = 'GET'): Promise<Response> =>
      Promise.resolve(app.request('/', { method, headers: { authorization: 'Bearer ada' }, ...(signal && { signal }) }))
    return { scopes, request }
  }
  const endless = (): Response =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(8)) }))

  test('closes the scope with an answer that has no body', async () => {
    const { scopes, request } = open(() => new Response(null, { status: 204 }))
    expect((await request()).status).toBe(204)
    expect(scopes[0]!.isClosed).toBe(true)
  })

  test('closes the scope when the body was read to its end, with its status and headers', async () => {
    const { scopes, request } = open(() => new Response('body', { status: 201, headers: { 'x-own': 'yes' } }))
    const response = await request()
    expect([response.status, response.headers.get('x-own'), scopes[0]!.isClosed]).toEqual([201, 'yes', false])
    expect(await response.text()).toBe('body')
    expect(scopes[0]!.isClosed).toBe(true)
  })

  test('closes the scope when the reader of the body has left', async () => {
    const { scopes, request } = open(endless)
    const reader = (await request()).body!.getReader()
    await reader.read()
    expect(scopes[0]!.isClosed).toBe(false)
    await reader.cancel()
    await expect.poll(() => scopes[0]!.isClosed).toBe(true)
  })

  test('closes the scope of a HEAD, whose body nobody reads, and cancels the body', async () => {
    const cancel = vi.fn()
    const { scopes, request } = open(() => new Response(new ReadableStream({ cancel }), { status: 201 }))
    const answer = await request(undefined, 'HEAD')
    expect([answer.status, answer.body, scopes[0]!.isClosed]).toEqual([201, null, true])
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  test('closes outside of Node too when the identity ends in the middle of a request', async () => {
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    const verify = (userId: string) => ({ userId, sessionId: 's-1' })
    const freed: string[] = []
    let begun!: (scope: Scope) => void
    const begins = new Promise<Scope>((resolve) => (begun = resolve))
    const app = new Hono().use(userContext(identityProvider({ name: 'web', sessions, verify }))).get('/', async (c) => {
      scopeOf(c).defer(() => freed.push('freed'))
      begun(scopeOf(c))
      await pause(60_000, undefined, { signal: scopeOf(c).signal })
      return c.text('done')
    })
    const asked = app.request('/', { headers: { authorization: 'Bearer ada' } })
    const scope = await begins
    await sessions.revoke({ session: scope.context })
    const answer = await asked
    await answer.text()
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'no-store'])
    expect([scope.isClosed, freed]).toEqual([true, ['freed']])
  })

  test('aborts with the request', async () => {
    const { scopes, request } = open(endless)
    const client = new AbortController()
    await request(client.signal)
    client.abort(new Error('gone'))
    expect(scopes[0]!.signal.aborted).toBe(true)
  })
})

test('a handler before the middleware does not compile', () => {
  // @ts-expect-error -- no middleware in the chain
  expect(() => new Hono().get('/', (c) => c.text(c.var.userContext.userId))).not.toThrow()
  // @ts-expect-error -- the handler stands before the middleware
  expect(() => new Hono().get('/', (c) => c.text(c.var.userContext.userId)).use(users)).not.toThrow()
  expect(() => new Hono().use(users).get('/', (c) => c.text(c.var.userContext.userId))).not.toThrow()
  expect(() => new Hono().get('/', users, (c) => c.text(c.var.userContext.userId))).not.toThrow()
})
