// Express 4 and 5 over real sockets: the program of examples/express, and what a forgotten or doubled middleware does.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { answerContextErrors, contextOf, scopeOf, userContext } from '@user-execution-context/http/express'
import express, { type RequestHandler } from 'express'
import express4 from 'express-4'
import {
  ContextError,
  identityProvider,
  isContextError,
  isUserExecutionContext,
  toLogFields,
  type Scope,
} from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { describe, expect, test, vi } from 'vitest'
import { answerTo, ask, begin, type Answer } from './client.ts'
import { describeExample } from './run-example.ts'
import { closeAfterEach, identity } from './two-users.ts'

process.env['NODE_ENV'] = 'production'

describe('the program of Express', () => {
  describeExample(() => import('../../../../examples/express/server.ts'), {
    guide: 'express',
    row: { framework: 'Express', library: 'express', program: 'examples/express/server.ts', measuredAs: 'express' },
  })
})

const portOf = closeAfterEach()
const listen = (app: (...parameters: never[]) => unknown): Promise<number> => {
  return portOf(createServer(app as never).listen(0, '127.0.0.1'))
}
const message = (answer: Answer): string => (JSON.parse(answer.text) as { message: string }).message

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('userContext() in %s', (_name, make) => {
  test('gives the context to a handler, to contextOf() and to scopeOf()', async () => {
    const app = make()
    const users = userContext(identity)
    app.use(users)
    app.get('/', (request, response) => {
      expect(scopeOf(request).context).toBe(contextOf(request))
      response.json([contextOf(request).userId, isUserExecutionContext(contextOf(request))])
    })
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('["ada",true]')
  })

  test('refuses at run time where the middleware was forgotten, with a sentence for the developer only', async () => {
    const seen: unknown[] = []
    const app = make()
    app.get('/', (request, response) => void response.json(contextOf(request).userId))
    app.use(((error, _request, _response, next) => {
      seen.push(error)
      next(error)
    }) as express.ErrorRequestHandler)
    app.use(answerContextErrors())
    const answer = await ask(await listen(app), { path: '/', token: 'ada' })
    expect(answer.status).toBe(500)
    expect(message(answer)).toBe('Something went wrong on our side.')
    expect(String(seen[0])).toContain('put app.use(userContext(identity)) before the route')
  })

  test('lets a handler that takes the scope run without the middleware before it, and not without a user', async () => {
    const app = make()
    app.get(
      '/notes/:id',
      userContext(identity).handler((request, response, scope) =>
        response.json([scope.context.userId, request.params.id]),
      ),
    )
    app.use(answerContextErrors())
    const port = await listen(app)
    expect((await ask(port, { path: '/notes/7', token: 'ada' })).text).toBe('["ada","7"]')
    expect((await ask(port, { path: '/notes/7' })).status).toBe(401)
  })

  test('believes no other middleware: a handler of a second identity verifies by that one', async () => {
    const admins = userContext(identityProvider({ name: 'admins', verify: () => undefined }))
    const app = make()
    app.use(userContext(identity))
    app.get(
      '/admin',
      admins.handler((_request, response) => response.send('admin')),
    )
    app.use(answerContextErrors())
    expect((await ask(await listen(app), { path: '/admin', token: 'ada' })).status).toBe(401)
  })

  test('verifies once, also where another identity has verified the same request after it', async () => {
    const verify = vi.fn((token: string) => ({ userId: token }))
    const users = userContext(identityProvider({ name: 'counted', verify }))
    const app = make()
    app.use(users, userContext(identity))
    app.get(
      '/',
      users.handler((request, response, { context }) =>
        response.json([context.userId, context === contextOf(request)]),
      ),
    )
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('["ada",false]')
    expect(verify).toHaveBeenCalledTimes(1)
  })

  test('verifies once where the middleware stands before a handler', async () => {
    const verify = vi.fn((token: string) => ({ userId: token }))
    const users = userContext(identityProvider({ name: 'counted', verify }))
    const app = make()
    app.use(users, users)
    app.get(
      '/',
      users.handler((request, response, scope) => response.json(scope === scopeOf(request))),
    )
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('true')
    expect(verify).toHaveBeenCalledTimes(1)
  })

  test('gives what a handler throws or rejects with to the error handlers of the app', async () => {
    const users = userContext(identity)
    const app = make()
    app.get(
      '/throws',
      users.handler(() => {
        throw new Error('secret')
      }),
    )
    app.get(
      '/rejects',
      users.handler(() => Promise.reject(new Error('secret'))),
    )
    app.use(answerContextErrors())
    const port = await listen(app)
    vi.spyOn(console, 'error').mockImplementation(() => {})
    for (const path of ['/throws', '/rejects']) {
      const { status, text } = await ask(port, { path, token: 'ada' })
      expect(status).toBe(500)
      expect(text).not.toContain('secret')
    }
    vi.restoreAllMocks()
  })

  test.each([undefined, null, 0, '', false, 'route', 'router'])(
    'lets nobody past a check or a handler that throws %j, which Express takes for no error',
    async (thrown) => {
      const fail = (): never => {
        throw thrown
      }
      const checks = [
        userContext(identityProvider({ name: 'odd', verify: fail })),
        userContext(identityProvider({ name: 'odd', verify: () => Promise.reject(thrown) })),
        userContext(identity, { token: fail }),
        userContext(identity, { run: fail }),
        userContext(identity, { ambient: fail }),
      ]
      const app = make()
      const letIn: RequestHandler = (_request, response) => void response.send('let in')
      checks.forEach((users, index) => {
        app.use(`/used/${index}`, users)
        app.get(`/inline/${index}`, users, letIn)
        app.use(`/routed/${index}`, make.Router().use(users))
        app.get(
          `/handler/${index}`,
          users.handler((_request, response) => response.send('let in')),
          letIn,
        )
      })
      let steps = 0
      const ambient = ((_context, step) => (steps++ % 2 === 0 ? step() : fail())) as typeof runWithContext
      const wavering = userContext(identity, { ambient })
      app.use('/twice', wavering, wavering)
      const users = userContext(identity)
      app.get('/throws', users.handler(fail), letIn)
      app.get(
        '/rejects',
        users.handler(() => Promise.reject(thrown)),
        letIn,
      )
      app.use(letIn)
      app.use(answerContextErrors())
      const port = await listen(app)
      const places = ['used', 'inline', 'routed', 'handler'].flatMap((place) =>
        checks.map((_, at) => `/${place}/${at}`),
      )
      vi.spyOn(console, 'error').mockImplementation(() => {})
      for (const path of [...places, '/twice', '/throws', '/rejects']) {
        const { status, text } = await ask(port, { path, token: 'ada' })
        expect([path, [401, 500].includes(status), text.includes('let in')]).toEqual([path, true, false])
      }
      vi.restoreAllMocks()
    },
  )

  test('answers all other errors as JSON when asked, and logs a line for each without an id or a token', async () => {
    const lines: string[] = []
    const app = make()
    app.use(userContext(identity), make.json())
    app.post('/notes/:id', (request, response) => void response.json(request.body))
    app.get('/throws', () => {
      throw Object.assign(new Error('secret'), { code: 'secret of ada' })
    })
    app.get('/teapot', () => {
      throw Object.assign(new Error('secret'), { status: 200, type: 'tea' })
    })
    app.get('/titles', () => {
      throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: 'title', kind: 'missing' }] })
    })
    app.get('/upstream', () => {
      // As the client of a service throws it that was told a wrong key.
      throw Object.assign(new Error('secret'), { status: 401, code: 'invalid_api_key' })
    })
    app.use(answerContextErrors({ log: (line) => lines.push(line), others: true }))
    const port = await listen(app)
    const headers = { 'content-type': 'application/json', 'content-length': '9' }
    const broken = begin(port, { method: 'POST', path: '/notes/secret', token: 'ada', headers })
    broken.end('{"secret"')
    const answers = [
      await answerTo(broken),
      await ask(port, { path: '/throws', token: 'ada' }),
      await ask(port, { path: '/teapot', token: 'ada' }),
      await ask(port, { path: '/upstream', token: 'ada' }),
      await ask(port, { method: 'POST', path: '/notes/%ff', token: 'ada', body: {} }),
      await ask(port, { path: '/throws', token: 'mallory' }),
      await ask(port, { path: '/titles', token: 'ada' }),
    ]
    expect(answers.map(({ status, text }) => [status, JSON.parse(text)])).toEqual([
      [400, { code: 'entity.parse.failed', message: 'The request cannot be read.' }],
      [500, { code: expect.stringMatching(/^[A-Z_]+$/), message: 'Something went wrong on our side.' }],
      [500, { code: expect.stringMatching(/^[A-Z_]+$/), message: 'Something went wrong on our side.' }],
      [500, { code: expect.stringMatching(/^[A-Z_]+$/), message: 'Something went wrong on our side.' }],
      [400, { code: 'URIError', message: 'The request cannot be read.' }],
      [401, { code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' }],
      [400, { code: 'ERR_CONTEXT_INVALID_MESSAGE', message: expect.any(String) }],
    ])
    expect(lines).toEqual([
      'POST answered with 400: entity.parse.failed',
      expect.stringMatching(/^GET answered with 500: Error at \S*express\.test\.ts:\d+:\d+$/),
      expect.stringMatching(/^GET answered with 500: tea at \S*express\.test\.ts:\d+:\d+$/),
      expect.stringMatching(/^GET answered with 500: invalid_api_key at \S*express\.test\.ts:\d+:\d+$/),
      'POST answered with 400: URIError',
      'GET answered with 401: ERR_CONTEXT_IDENTITY_REFUSED',
      'GET answered with 400: ERR_CONTEXT_INVALID_MESSAGE (title: missing)',
    ])
  })

  test('logs where a bug is in the app, and no line of a message that looks like it', async () => {
    const lines: string[] = []
    const app = make()
    const thrown = [
      () => new URL('secret'),
      () => ({ message: 'secret' }),
      () => new Error('secret\n    at secret (/secret.ts:1:2)'),
      () => Object.assign(new Error('changed'), { stack: 'Error: secret\n    at secret (/secret.ts:1:2)' }),
    ]
    app.get('/:index', (request) => {
      throw thrown[Number(request.params.index)]!()
    })
    app.use(answerContextErrors({ log: (line) => lines.push(line), others: true }))
    const port = await listen(app)
    for (const index of thrown.keys()) expect((await ask(port, { path: `/${index}` })).text).not.toContain('express')
    const place = String.raw` at \S*express\.test\.ts:\d+:\d+`
    for (const [index, words] of [`ERR_INVALID_URL${place}`, 'error', `Error${place}`, 'Error'].entries())
      expect(lines[index]).toMatch(new RegExp(`^GET answered with 500: ${words}$`))
  })

  test('leaves other errors, and answers that have begun, to the next error handler', async () => {
    const lines: string[] = []
    const passed: unknown[] = []
    const app = make()
    app.get('/throws', () => {
      throw new Error('of the app')
    })
    app.get('/late', (request, response) => {
      response.write('begun')
      contextOf(request)
    })
    app.use(answerContextErrors({ log: (line) => lines.push(line) }))
    app.use(((error, _request, response, _next) => {
      passed.push((error as { code?: string }).code)
      response.end()
    }) as express.ErrorRequestHandler)
    const port = await listen(app)
    await ask(port, { path: '/throws' })
    expect((await ask(port, { path: '/late' })).text).toBe('begun')
    expect(passed).toEqual([undefined, 'ERR_CONTEXT_NOT_ISSUED'])
    expect(lines).toEqual([])
  })

  test('logs nothing of what stopped because its client has left, and a bug all the same', async () => {
    const lines: string[] = []
    const app = make()
    const users = userContext(identity)
    const left = vi.fn()
    app.use(users)
    app.get(
      '/:kind',
      users.handler(async (request, _response, scope) => {
        await pause(60_000, undefined, { signal: scope.signal }).catch(left)
        if (request.params['kind'] === 'bug') throw new TypeError('of the app')
        scope.defer(() => {})
      }),
    )
    app.use(answerContextErrors({ log: (line) => lines.push(line), others: true }))
    const port = await listen(app)
    for (const path of ['/report', '/bug']) {
      const client = begin(port, { path, token: 'ada' }).on('error', () => {})
      client.end()
      await pause(100)
      client.destroy()
    }
    await expect.poll(() => lines).toEqual([expect.stringContaining('GET answered with 500: TypeError')])
    expect(left).toHaveBeenCalledTimes(2)
  })

  test('begins nothing for a client that left while its user was verified', async () => {
    const seen: unknown[] = []
    let handled = 0
    const verify = vi.fn(async (token: string) => (await pause(300), { userId: token }))
    const slow = identityProvider({ name: 'slow', verify })
    const users = userContext(slow)
    const app = make()
    app.get(
      '/',
      users.handler((_request, response) => response.json(++handled)),
    )
    app.use(((error, _request, response, _next) => {
      seen.push(error)
      response.end()
    }) as express.ErrorRequestHandler)
    const sent = begin(await listen(app), { path: '/', token: 'ada' })
    sent.on('error', () => undefined).end()
    await expect.poll(() => verify.mock.calls.length, { timeout: 10_000 }).toBe(1)
    sent.destroy()
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(1)
    expect(isContextError(seen[0]) && seen[0].code).toBe('ERR_CONTEXT_SCOPE_CLOSED')
    expect(handled).toBe(0)
  })

  test('answers a plain handler that was stopped because the identity ended with 401', async () => {
    const verify = (userId: string) => ({ userId, expiresAtMs: Date.now() + 1_000 })
    const app = make()
    app.get('/', userContext(identityProvider({ name: 'short', verify })), async (request, response, next) => {
      try {
        response.send(await pause(60_000, 'done', { signal: scopeOf(request).signal }))
      } catch (error) {
        next(error)
      }
    })
    app.use(answerContextErrors())
    const { status, text } = await ask(await listen(app), { path: '/', token: 'ada' })
    expect([status, text]).toEqual([401, '{"code":"ERR_CONTEXT_IDENTITY_REFUSED","message":"Please sign in."}'])
  })

  test('gives a closed scope to a handler that reads it after the client has gone', async () => {
    const scopes: Scope[] = []
    const app = make()
    app.get('/', userContext(identity), async (request, response) => {
      response.write('begun')
      await once(response, 'close')
      scopes.push(scopeOf(request), scopeOf(request))
    })
    const sent = begin(await listen(app), { path: '/', token: 'ada' })
    sent.on('response', () => sent.destroy())
    sent.on('error', () => undefined).end()
    await expect.poll(() => scopes.length).toBe(2)
    expect([scopes[0]!.isClosed, scopes[0] === scopes[1]]).toEqual([true, true])
  })

  test('closes the scope when the response has ended, also on a connection that is kept', async () => {
    const closed: boolean[] = []
    const users = userContext(identity)
    const app = make()
    app.get(
      '/',
      users.handler((_request, response, scope) => {
        scope.defer(() => closed.push(response.writableFinished))
        response.send('ok')
      }),
    )
    const port = await listen(app)
    for (let count = 1; count <= 3; count++) {
      await (await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: 'Bearer ada' } })).text()
      await expect.poll(() => closed).toEqual(Array.from({ length: count }, () => true))
    }
  })

  test('tells about cleanups that fail, and the process lives', async () => {
    const onCleanupError = vi.fn()
    const users = userContext(identity, { onCleanupError })
    const app = make()
    app.get(
      '/',
      users.handler((_request, response, scope) => {
        scope.defer(() => Promise.reject(new Error('stuck')))
        response.send('ok')
      }),
    )
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('ok')
    await expect.poll(() => onCleanupError.mock.calls.length).toBe(1)
    expect(onCleanupError.mock.calls[0]![0]).toMatchObject({ code: 'ERR_CONTEXT_CLEANUP_FAILED' })
  })

  test('has no ambient context unless asked, and then behind a body that arrives late too', async () => {
    const app = make()
    const read: RequestHandler = async (_request, response) => {
      await pause(5)
      response.json({ run: currentContext().runId })
    }
    app.post('/with', userContext(identity, { ambient: runWithContext }), make.json(), read)
    app.post('/without', userContext(identity), make.json(), (_request, response) => {
      expect(() => currentContext()).toThrow('no ambient context')
      response.send('none')
    })
    const port = await listen(app)
    const texts = await Promise.all(
      ['ada', 'bob'].flatMap((token) =>
        Array.from({ length: 5 }, () => ask(port, { method: 'POST', path: '/with', token, body: { a: 1 } })),
      ),
    )
    expect(new Set(texts.map(({ text }) => text)).size).toBe(10)
    expect((await ask(port, { method: 'POST', path: '/without', token: 'ada', body: { a: 1 } })).text).toBe('none')
  })

  test('gives the run what the address names', async () => {
    const users = userContext(identity, { run: (request) => ({ auditMetadata: { path: request.path } }) })
    const app = make()
    app.get(
      '/here',
      users.handler((_request, response, { context }) => {
        response.json({ ...context.auditMetadata, logged: Object.keys(toLogFields(context)).includes('userId') })
      }),
    )
    expect((await ask(await listen(app), { path: '/here', token: 'ada' })).text).toBe('{"path":"/here","logged":false}')
  })

  test('gives an answer that has begun to the error handlers of the app', async () => {
    const users = userContext(identity)
    const app = make()
    app.get(
      '/',
      users.handler((_request, response, scope) => {
        response.write('begun')
        void scope.close()
        scope.defer(() => {})
      }),
    )
    app.use(answerContextErrors())
    app.use(((_error, _request, response, _next) => void response.end(' ended')) as express.ErrorRequestHandler)
    expect((await ask(await listen(app), { path: '/', token: 'ada' })).text).toBe('begun ended')
  })

  test('refuses options that it cannot use', () => {
    expect(() => userContext('token' as never)).toThrow('identity: not a function')
    expect(() => userContext(identity, { token: 'x' as never, run: 1 as never })).toThrow(
      'token: not a function; run: not a function',
    )
    expect(() => userContext(identity, { ambient: true as never })).toThrow('runWithContext')
    expect(() => userContext(identity, { onCleanupError: 1 as never })).toThrow('onCleanupError: not a function')
    expect(() => userContext(identity).handler(undefined as never)).toThrow('handle: not a function')
  })
})

test('a handler that takes the scope does not compile without handler()', () => {
  const app = express()
  const users = userContext(identity)
  const handle: Parameters<typeof users.handler>[0] = (_request, response, scope) => response.json(scope.context.runId)
  // @ts-expect-error -- a handler of Express gets no scope
  expect(() => app.get('/', handle)).not.toThrow()
  expect(() => app.get('/', users.handler(handle))).not.toThrow()
  // @ts-expect-error -- the request of Express promises no context
  expect((request: express.Request) => request.context).toBeTypeOf('function')
})
