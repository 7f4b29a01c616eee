// Fastify 5 over real sockets: the program of examples/fastify, and what a forgotten plugin does.
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { contextOf, scopeOf, userContext } from '@user-execution-context/http/fastify'
import { once } from 'node:events'
import { connect, constants } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError, identityProvider, isContextError } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ask, askWithLateBodies, begin, portOf } from './client.ts'
import { describeExample } from './run-example.ts'
import { identity } from './two-users.ts'

describe('the program of Fastify', () => {
  // Fastify itself sends the message of an error of the app.
  describeExample(() => import('../../../../examples/fastify/server.ts'), {
    guide: 'fastify',
    row: { framework: 'Fastify', library: 'fastify', program: 'examples/fastify/server.ts', measuredAs: 'fastify' },
    tellsNothing: false,
  })
})

let opened: FastifyInstance[] = []
afterEach(async () => {
  for (const app of opened) {
    app.server.closeAllConnections()
    await app.close()
  }
  opened = []
})
const listen = async (app: FastifyInstance): Promise<number> => {
  opened.push(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return portOf(app.server)
}

describe('userContext() in Fastify', () => {
  test('gives the context to handler(), to contextOf() and to scopeOf(), in scopes below too', async () => {
    const users = userContext(identity)
    const app = Fastify()
    await app.register(users)
    await app.register(async (inner) => {
      inner.get(
        '/',
        users.handler((request, _reply, scope) => [
          scope.context.userId,
          scope === scopeOf(request) && scope.context === contextOf(request),
        ]),
      )
    })
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('["ada",true]')
  })

  test.each([undefined, null, 0, '', false, 'route'])(
    'lets nobody in whose check throws %j, which Fastify takes for no error',
    async (thrown) => {
      const fail = (): never => {
        throw thrown
      }
      const odd = identityProvider({ name: 'odd', verify: fail })
      for (const users of [
        userContext(odd),
        userContext(identity, { run: fail }),
        userContext(identity, { token: fail }),
      ]) {
        const app = Fastify()
        await app.register(users)
        app.get('/', () => 'let in')
        const { status, text } = await ask(await listen(app), { path: '/', token: 'ada' })
        expect([[401, 500].includes(status), text.includes('let in')]).toEqual([true, false])
      }
    },
  )

  test.each([true, false])(
    'tells why a handler was stopped, with its own error handler or not: %s',
    async (answerErrors) => {
      const verify = (userId: string) => ({ userId, expiresAtMs: Date.now() + 1_000 })
      const seen: unknown[] = []
      const users = userContext(identityProvider({ name: 'short', verify }), { answerErrors })
      const app = Fastify()
      await app.register(users)
      if (!answerErrors)
        app.setErrorHandler((error, _request, reply) => {
          seen.push(isContextError(error) && error.code)
          return reply.code(401).send('refused')
        })
      app.get(
        '/rejects',
        users.handler((_request, _reply, { signal }) => pause(60_000, undefined, { signal })),
      )
      app.addHook('preHandler', async (request) => {
        if (request.url === '/throws') await once(scopeOf(request).signal, 'abort')
      })
      app.get(
        '/throws',
        users.handler(() => {
          throw new DOMException('aborted', 'AbortError')
        }),
      )
      app.get('/plain', (request) => pause(60_000, undefined, { signal: scopeOf(request).signal }))
      const port = await listen(app)
      const paths = answerErrors ? ['/rejects', '/throws', '/plain'] : ['/rejects', '/throws']
      for (const path of paths) expect((await ask(port, { path, token: 'ada' })).status, path).toBe(401)
      if (!answerErrors) expect(seen).toEqual(['ERR_CONTEXT_IDENTITY_EXPIRED', 'ERR_CONTEXT_IDENTITY_EXPIRED'])
    },
  )

  test('over HTTP/2 closes the scope of a client that has gone, and begins nothing for one that left', async () => {
    const closed: string[] = []
    const verified: string[] = []
    const refused: unknown[] = []
    const slow = identityProvider({
      name: 'slow',
      verify: async (userId: string) => {
        verified.push(userId)
        await pause(userId === 'bob' ? 300 : 0)
        return { userId }
      },
    })
    const users = userContext(slow, { onCleanupError: (error) => refused.push(error) })
    const app = Fastify({ http2: true })
    app.addHook('onError', async (_request, _reply, error) => void refused.push(error))
    await app.register(users)
    app.get(
      '/',
      users.handler(async (_request, _reply, scope) => {
        scope.defer(() => closed.push(scope.context.userId))
        await pause(60_000, undefined, { signal: scope.signal })
      }) as never,
    )
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    const askAs = (user: string) => client.request({ ':path': '/', 'authorization': `Bearer ${user}` })
    try {
      const [ada, bob] = [askAs('ada'), askAs('bob')]
      for (const stream of [ada, bob]) stream.on('error', () => undefined).end()
      await expect.poll(() => verified.length).toBe(2)
      bob.close(constants.NGHTTP2_CANCEL)
      await expect.poll(() => refused.length).toBe(1)
      expect(isContextError(refused[0]) && refused[0].code).toBe('ERR_CONTEXT_SCOPE_CLOSED')
      ada.close(constants.NGHTTP2_CANCEL)
      await expect.poll(() => closed).toEqual(['ada'])
    } finally {
      client.destroy()
      await app.close()
    }
  })

  test('verifies once where it is registered in a scope and above it', async () => {
    const verify = vi.fn((token: string) => ({ userId: token }))
    const users = userContext(identityProvider({ name: 'counted', verify }))
    const runs: string[] = []
    const app = Fastify()
    await app.register(users)
    app.addHook('onRequest', async (request) => void runs.push(contextOf(request).runId))
    await app.register(async (inner) => {
      await inner.register(users)
      inner.get(
        '/',
        users.handler((_request, _reply, { context }) => [context.userId, context.runId === runs[0]]),
      )
    })
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('["ada",true]')
    expect(verify).toHaveBeenCalledTimes(1)
  })

  test('holds for the scope that it is registered in, and not beside it', async () => {
    const app = Fastify()
    await app.register(async (inner) => {
      await inner.register(userContext(identity))
      inner.get('/inner', (request) => contextOf(request).userId)
    })
    app.get('/open', () => 'open')
    const port = await listen(app)
    expect((await ask(port, { path: '/open' })).text).toBe('open')
    expect((await ask(port, { path: '/inner' })).status).toBe(401)
    expect((await ask(port, { path: '/inner', token: 'bob' })).text).toBe('bob')
  })

  test.each([
    [
      'handler()',
      (app: FastifyInstance) =>
        app.get(
          '/',
          userContext(identity).handler(() => 'served'),
        ),
    ],
    ['contextOf()', (app: FastifyInstance) => app.get('/', (request) => contextOf(request).userId)],
  ])('refuses %s where the plugin was forgotten, and the answer is not for the developer', async (_what, add) => {
    const lines: string[] = []
    const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => void lines.push(line) } } })
    add(app)
    const { status, text } = await ask(await listen(app), { path: '/', token: 'ada' })
    expect(status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ message: 'Something went wrong on our side.' })
    expect(text).not.toMatch(/createForUser|register/)
    expect(lines.join()).toContain('register what userContext(identity)')
  })

  test('believes no other plugin: handler() of a second one is refused', async () => {
    const app = Fastify()
    await app.register(userContext(identity))
    app.get(
      '/admin',
      userContext(identityProvider({ name: 'admins', verify: () => undefined })).handler(() => 'admin'),
    )
    expect((await ask(await listen(app), { path: '/admin', token: 'ada' })).status).toBe(500)
  })

  test('answers errors of this package without their message, whoever throws them', async () => {
    const app = Fastify()
    await app.register(userContext(identity))
    app.get('/', () => {
      throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path: 'inner.path', kind: 'too large' }] })
    })
    const { status, headers, text } = await ask(await listen(app), { path: '/', token: 'ada' })
    expect([status, headers['retry-after'], headers['cache-control']]).toEqual([429, '60', 'no-store'])
    expect(JSON.parse(text)).toEqual({
      code: 'ERR_CONTEXT_TOO_MANY_RUNS',
      message: 'Too many requests. Try again later.',
    })
  })

  test('leaves other errors to the error handler of the app, before and after it', async () => {
    for (const isBefore of [true, false]) {
      const seen: unknown[] = []
      const app = Fastify()
      const own = (
        error: unknown,
        _request: FastifyRequest,
        reply: { code: (status: number) => { send: (body: unknown) => void } },
      ) => {
        seen.push(error)
        if (isContextError(error)) throw error
        reply.code(418).send({ own: true })
      }
      if (isBefore) app.setErrorHandler(own as never)
      await app.register(userContext(identity))
      if (!isBefore) app.setErrorHandler(own as never)
      app.get('/', () => {
        throw new Error('of the app')
      })
      const port = await listen(app)
      expect((await ask(port, { path: '/', token: 'ada' })).text).toBe('{"own":true}')
      expect((await ask(port, { path: '/' })).text).toContain('Please sign in.')
      expect(seen.map(String)).toContain('Error: of the app')
    }
  })

  test('sets no error handler when told so', async () => {
    const app = Fastify({ allowErrorHandlerOverride: false })
    app.setErrorHandler((error, _request, reply) => reply.code(401).send({ own: isContextError(error) }))
    await app.register(userContext(identity, { answerErrors: false }))
    app.get('/', () => 'served')
    expect((await ask(await listen(app), { path: '/' })).text).toBe('{"own":true}')
  })

  test('tells the logger of the request about cleanups that fail', async () => {
    const lines: string[] = []
    const users = userContext(identity)
    const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => void lines.push(line) } } })
    await app.register(users)
    app.get(
      '/',
      users.handler((_request, _reply, scope) => {
        scope.defer(() => Promise.reject(new Error('stuck')))
        return 'ok'
      }),
    )
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('ok')
    await expect.poll(() => lines.join()).toContain('ERR_CONTEXT_CLEANUP_FAILED')
  })

  test('begins nothing for a client that left while its user was verified', async () => {
    let handled = 0
    const closed: string[] = []
    const verify = vi.fn(async (token: string) => (await pause(300), { userId: token }))
    const slow = identityProvider({ name: 'slow', verify })
    const users = userContext(slow)
    const app = Fastify()
    await app.register(users)
    app.addHook('onError', async (_request, _reply, error) => void closed.push(error.code))
    app.get(
      '/',
      users.handler(() => ++handled),
    )
    const sent = begin(await listen(app), { path: '/', token: 'ada' })
    sent.on('error', () => undefined).end()
    await expect.poll(() => verify.mock.calls.length, { timeout: 10_000 }).toBe(1)
    sent.destroy()
    await expect.poll(() => closed, { timeout: 10_000 }).toEqual(['ERR_CONTEXT_SCOPE_CLOSED'])
    expect(handled).toBe(0)
  })

  test('has an ambient context when asked, behind a body that arrives late, and none otherwise', async () => {
    const app = Fastify()
    await app.register(async (inner) => {
      await inner.register(userContext(identity, { ambient: runWithContext }))
      inner.post('/with', async (request) => {
        await pause(5)
        return [currentContext() === contextOf(request), currentContext().userId]
      })
    })
    await app.register(async (inner) => {
      await inner.register(userContext(identity))
      inner.post('/without', () => {
        expect(() => currentContext()).toThrow('no ambient context')
        return 'none'
      })
    })
    const port = await listen(app)
    for (const { token, answer } of await askWithLateBodies(port, '/with', ['ada', 'bob', 'ada', 'bob']))
      expect((await answer).text).toBe(`[true,"${token}"]`)
    expect((await ask(port, { method: 'POST', path: '/without', token: 'ada', body: { a: 1 } })).text).toBe('none')
  })

  test('refuses options that it cannot use', () => {
    expect(() => userContext('token' as never)).toThrow('identity: not a function')
    expect(() => userContext(identity, { ambient: true as never })).toThrow('runWithContext')
    expect(() => userContext(identity).handler(undefined as never)).toThrow('handle: not a function')
  })
})

test('a handler that takes the scope does not compile without handler()', async () => {
  const app = Fastify()
  const users = userContext(identity)
  const handle: Parameters<typeof users.handler>[0] = (_request, _reply, scope) => scope.context.runId
  // @ts-expect-error -- a handler of Fastify gets no scope
  app.get('/', handle)
  app.get('/other', users.handler(handle))
  app.get<{ Params: { id: string } }>(
    '/notes/:id',
    users.handler((request) => request.params.id satisfies string),
  )
  await app.ready()
  vi.restoreAllMocks()
})
