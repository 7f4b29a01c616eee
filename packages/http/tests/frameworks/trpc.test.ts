// tRPC 11 over real sockets: the program of examples/trpc, batches, streams, and what a forgotten middleware does.
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { contextOf, formatContextErrors, userContext } from '@user-execution-context/http/trpc'
import type { TrpcRequestContext } from '@user-execution-context/http/trpc'
import { initTRPC, TRPCError, type AnyTRPCRouter } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { observable } from '@trpc/server/observable'
import { ContextError, createForUser, identityProvider, isUserExecutionContext } from 'user-execution-context'
import { liveSessions, toOwnerKey, type Scope, type UserExecutionContext } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { describe, expect, test, vi } from 'vitest'
import { ask, askWithLateBodies, begin } from './client.ts'
import { describeExample } from './run-example.ts'
import { closeAfterEach, identity } from './two-users.ts'

type Told = {
  readonly result?: { readonly data: unknown }
  readonly error?: { readonly message: string; readonly data: { readonly contextCode?: string } }
}

describe('the program of tRPC', () => {
  describeExample(() => import('../../../../examples/trpc/server.ts'), {
    row: { framework: 'tRPC', library: '@trpc/server', program: 'examples/trpc/server.ts', measuredAs: 'trpc' },
    unwrap: ({ result, error }: Told) =>
      error === undefined ? result?.data : { code: error.data.contextCode, message: error.message },
  })
})

const portOf = closeAfterEach()
const errors: TRPCError[] = []
const listen = (router: AnyTRPCRouter): Promise<number> => {
  errors.length = 0
  const createContext = ({ req, res }: TrpcRequestContext) => ({ req, res })
  const onError = ({ error }: { error: TRPCError }): void => void errors.push(error)
  return portOf(createServer(createHTTPHandler({ router, createContext, onError })).listen(0, '127.0.0.1'))
}
const t = initTRPC.context<TrpcRequestContext>().create({ errorFormatter: formatContextErrors })
const users = userContext(identity)
const dataOf = (text: string): unknown => (JSON.parse(text) as Told).result?.data

describe('userContext() in tRPC', () => {
  test('gives the context under ctx.userContext, to contextOf() and to the scope of the call', async () => {
    const router = t.router({
      run: t.procedure
        .use(users)
        .query(({ ctx }) => [
          ctx.userContext.userId,
          isUserExecutionContext(ctx.userContext),
          contextOf(ctx) === ctx.userContext && ctx.userScope.context === ctx.userContext,
        ]),
    })
    expect(dataOf((await ask(await listen(router), { path: '/run', token: 'ada' })).text)).toEqual(['ada', true, true])
  })

  test('keeps the context behind another middleware that spreads ctx, and in a procedure built on it', async () => {
    const base = t.procedure.use(({ next }) => next({ ctx: { other: 1 } })).use(users)
    const router = t.router({
      run: base
        .use(({ ctx, next }) => next({ ctx: { ...ctx, more: 2 } }))
        .query(({ ctx }) => toOwnerKey(ctx.userContext)),
    })
    const { text } = await ask(await listen(router), { path: '/run', token: 'ada' })
    expect(dataOf(text)).toContain('ada')
  })

  test('verifies once for a batch, gives its calls one run, and each a scope of its own', async () => {
    const verify = vi.fn((token: string) => ({ userId: token }))
    const scopes: Scope[] = []
    const procedure = t.procedure.use(userContext(identityProvider({ name: 'counted', verify })))
    const read = procedure.query(({ ctx }) => {
      scopes.push(ctx.userScope)
      return ctx.userContext.runId
    })
    const router = t.router({ one: read, two: read })
    const { text } = await ask(await listen(router), { path: '/one,two?batch=1&input={}', token: 'ada' })
    const runs = (JSON.parse(text) as Told[]).map(({ result }) => result?.data)
    expect(runs[0]).toBe(runs[1])
    expect(verify).toHaveBeenCalledTimes(1)
    expect(new Set(scopes).size).toBe(2)
    expect(scopes.map(({ isClosed }) => isClosed)).toEqual([true, true])
  })

  test('verifies again after a failure in the same connection', async () => {
    const verify = vi.fn((token: string): { userId: string } | undefined => ({ userId: token }))
    verify.mockReturnValueOnce(undefined)
    const call = t.createCallerFactory(
      t.router({
        run: t.procedure
          .use(userContext(identityProvider({ name: 'second', verify })))
          .query(({ ctx }) => ctx.userContext.userId),
      }),
    )({ req: { headers: { authorization: 'Bearer ada' } } })
    await expect(call.run()).rejects.toMatchObject({ code: 'UNAUTHORIZED', message: 'Please sign in.' })
    expect(await call.run()).toBe('ada')
  })

  test.each([
    ['the standalone adapter', undefined],
    ['the fetch adapter', 'fetch'],
  ])('refuses with code, headers and a fixed message in %s', async (_name, adapter) => {
    const plain = initTRPC.context<TrpcRequestContext>().create({ isDev: false })
    const router = plain.router({ run: plain.procedure.use(users).query(() => 'served') })
    if (adapter === undefined) {
      const { status, headers, text } = await ask(await listen(router), { path: '/run' })
      expect([status, headers['www-authenticate'], headers['cache-control']]).toEqual([401, 'Bearer', 'no-store'])
      expect(JSON.parse(text)).toEqual({
        error: {
          message: 'Please sign in.',
          code: -32001,
          data: { code: 'UNAUTHORIZED', httpStatus: 401, path: 'run' },
        },
      })
      expect(errors[0]).toMatchObject({ name: 'TRPCError', cause: { code: 'ERR_CONTEXT_IDENTITY_REFUSED' } })
      return
    }
    const handle = (request: Request) =>
      fetchRequestHandler({
        router,
        endpoint: '/',
        req: request,
        createContext: ({ req, resHeaders }) => ({ req, resHeaders }),
      })
    const refused = await handle(new Request('http://localhost/run'))
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    const served = await handle(new Request('http://localhost/run', { headers: { authorization: 'Bearer ada' } }))
    expect(dataOf(await served.text())).toBe('served')
  })

  test('refuses an Authorization that comes twice where the request of Node is under raw, as in Fastify', async () => {
    const call = t.createCallerFactory(t.router({ run: t.procedure.use(users).query(() => 'served') }))
    const headers = { authorization: 'Bearer ada' }
    const raw = { headers, rawHeaders: ['Authorization', 'Bearer ada', 'authorization', 'Bearer bob'] }
    const req = { headers, raw }
    await expect(call({ req }).run()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test('refuses at run time where the middleware was forgotten, with a sentence for the developer only', async () => {
    const router = t.router({ run: t.procedure.query(({ ctx }) => contextOf(ctx).userId) })
    const { status, text } = await ask(await listen(router), { path: '/run', token: 'ada' })
    expect(status).toBe(500)
    expect((JSON.parse(text) as Told).error).toMatchObject({
      message: 'Something went wrong on our side.',
      data: { contextCode: 'ERR_CONTEXT_NOT_ISSUED' },
    })
    expect(String(errors[0]!.cause)).toContain('t.procedure.use(userContext(identity))')
  })

  test('answers errors of this package that a procedure without the middleware throws by their status', async () => {
    const router = t.router({
      run: t.procedure.query(() => {
        throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path: 'inner.path', kind: 'too large' }] })
      }),
    })
    const { status, text } = await ask(await listen(router), { path: '/run' })
    expect(status).toBe(429)
    expect((JSON.parse(text) as Told).error).toEqual({
      message: 'Too many requests. Try again later.',
      code: -32029,
      data: {
        code: 'TOO_MANY_REQUESTS',
        httpStatus: 429,
        path: 'run',
        contextCode: 'ERR_CONTEXT_TOO_MANY_RUNS',
      },
    })
  })

  test('tells nothing of an error that was not meant for a client, and all of one that was', async () => {
    const router = t.router({
      thrown: t.procedure.use(users).query(() => {
        throw new Error('the note of bob')
      }),
      meant: t.procedure.use(users).query(() => {
        throw new TRPCError({ code: 'CONFLICT', message: 'Taken already.', cause: new Error('the note of bob') })
      }),
      down: t.procedure.use(users).query(() => {
        throw new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'Closed until noon.' })
      }),
    })
    const port = await listen(router)
    const thrown = await ask(port, { path: '/thrown', token: 'ada' })
    expect([thrown.status, thrown.text.includes('bob'), thrown.text.includes('stack')]).toEqual([500, false, false])
    const meant = await ask(port, { path: '/meant', token: 'ada' })
    expect([meant.status, (JSON.parse(meant.text) as Told).error!.message]).toEqual([409, 'Taken already.'])
    expect(meant.text).not.toContain('stack')
    const down = await ask(port, { path: '/down', token: 'ada' })
    expect((JSON.parse(down.text) as Told).error!.message).toBe('Closed until noon.')
  })

  test('refuses a context as the root context, whole or spread, in a sentence', async () => {
    const context = createForUser(await identity('ada'))
    const root = initTRPC.context<UserExecutionContext>().create()
    // @ts-expect-error -- the root context must have the request
    const procedure = root.procedure.use(users)
    const spread = root.procedure.use(({ next }) => next({ ctx: { other: 1 } }))
    const calls = root.createCallerFactory(
      root.router({
        whole: procedure.query(() => 'served'),
        spread: spread.use(users as never).query(() => 'served'),
        forgotten: spread.query(({ ctx }) => toOwnerKey(ctx as never)),
      }),
    )
    const call = calls(context)
    const causeOf = (attempt: Promise<unknown>): Promise<string> =>
      attempt.then(String, (error: TRPCError) => String(error.cause))
    const sentence = 'createContext must return it as req, and never a user'
    expect(await causeOf(call.whole())).toContain(sentence)
    expect(await causeOf(call.spread())).toContain(sentence)
    for (const req of [null, 'text']) expect(await causeOf(calls({ req } as never).whole())).toContain(sentence)
    expect(await causeOf(call.forgotten())).toContain('not a UserExecutionContext')
  })

  test('has an ambient context when asked, behind a late body and in a stream, and none otherwise', async () => {
    const ambient = t.procedure.use(userContext(identity, { ambient: runWithContext }))
    const router = t.router({
      with: ambient.mutation(async () => (await pause(5), currentContext().userId)),
      stream: ambient.subscription(async function* () {
        await pause(5)
        yield currentContext().userId
      }),
      without: t.procedure.use(users).mutation(() => {
        expect(() => currentContext()).toThrow('no ambient context')
        return 'none'
      }),
    })
    const port = await listen(router)
    for (const { token, answer } of await askWithLateBodies(port, '/with', ['ada', 'bob', 'ada', 'bob']))
      expect(dataOf((await answer).text)).toBe(token)
    expect((await ask(port, { path: '/stream', token: 'bob' })).text).toContain('data: "bob"')
    expect(dataOf((await ask(port, { method: 'POST', path: '/without', token: 'ada', body: 1 })).text)).toBe('none')
  })

  test('tells about cleanups that fail, and the process lives', async () => {
    const onCleanupError = vi.fn()
    const router = t.router({
      run: t.procedure.use(userContext(identity, { onCleanupError })).query(({ ctx }) => {
        ctx.userScope.defer(() => Promise.reject(new Error('stuck')))
        return 'ok'
      }),
    })
    expect(dataOf((await ask(await listen(router), { path: '/run', token: 'ada' })).text)).toBe('ok')
    await expect.poll(() => onCleanupError.mock.calls.length).toBe(1)
    expect(onCleanupError.mock.calls[0]![0]).toMatchObject({ code: 'ERR_CONTEXT_CLEANUP_FAILED' })
  })

  test('refuses options that it cannot use', () => {
    expect(() => userContext('token' as never)).toThrow('identity: not a function')
    expect(() => userContext(identity, { ambient: true as never })).toThrow('runWithContext')
    expect(() => contextOf(undefined as never)).toThrow('t.procedure.use')
    expect(() => contextOf({ userContext: { userId: 'ada' } })).toThrow('not a UserExecutionContext')
  })
})

describe('a subscription behind userContext()', () => {
  const sessions = liveSessions({ maxProofMs: 60_000 })
  const live = identityProvider({
    name: 'live',
    sessions,
    verify: (token: string) => ({ userId: token, sessionId: `s-${token}`, expiresAtMs: Date.now() + 60_000 }),
  })
  const scopes: Scope[] = []
  /** It yields once, and then waits for an event that never comes; it does not look at any signal. */
  const router = t.router({
    events: t.procedure.use(userContext(live)).subscription(async function* ({ ctx }) {
      scopes.push(ctx.userScope)
      yield `first of ${ctx.userContext.userId}`
      await new Promise(() => {})
    }),
    ends: t.procedure.use(userContext(live)).subscription(async function* ({ ctx }) {
      scopes.push(ctx.userScope)
      yield 'only'
    }),
    fails: t.procedure.use(userContext(live)).subscription(async function* () {
      yield 'first'
      throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS')
    }),
    observed: t.procedure.use(userContext(live)).subscription(() => observable<string>(() => () => {})),
  })

  test('ends when its user is signed out, and no other does', async () => {
    scopes.length = 0
    const port = await listen(router)
    const heard: Record<string, string> = {}
    const sent = ['ada', 'bob'].map((token) => {
      heard[token] = ''
      return begin(port, { path: '/events', token })
        .on('error', () => undefined)
        .on('response', (response) =>
          response.on('error', () => undefined).on('data', (piece: Buffer) => (heard[token] += piece.toString())),
        )
    })
    for (const request of sent) request.end()
    await expect.poll(() => heard['ada']!.includes('first of ada') && heard['bob']!.includes('first of bob')).toBe(true)
    await sessions.revoke({ user: { namespace: 'live', userId: 'ada' } })
    await expect.poll(() => heard['ada']).toContain('Please sign in.')
    expect(heard['ada']).toContain('ERR_CONTEXT_IDENTITY_REFUSED')
    expect(heard['bob']).not.toContain('Please sign in.')
    const scopeOf = (user: string): Scope => scopes.find(({ context }) => context.userId === user)!
    expect([scopeOf('ada').isClosed, scopeOf('bob').isClosed]).toEqual([true, false])
    sent[1]!.destroy()
    await expect.poll(() => scopeOf('bob').isClosed).toBe(true)
  })

  test('closes its scope when it has ended, and answers its errors without their words', async () => {
    scopes.length = 0
    const port = await listen(router)
    expect((await ask(port, { path: '/ends', token: 'carol' })).text).toContain('data: "only"')
    expect(scopes[0]!.isClosed).toBe(true)
    const { text } = await ask(port, { path: '/fails', token: 'carol' })
    expect(text).toContain('"code":"TOO_MANY_REQUESTS"')
    expect(text).toContain('Too many requests. Try again later.')
  })

  const jsonl = { 'trpc-accept': 'application/jsonl' }
  test.each([jsonl, { accept: 'application/json, application/jsonl' }])(
    'ends as a part of an answer that is streamed, with the promises beside it, when its user is signed out: %j',
    async (headers) => {
      scopes.length = 0
      const parts = t.router({
        parts: t.procedure.use(userContext(live)).query(({ ctx }) => {
          scopes.push(ctx.userScope)
          return {
            at: 'once',
            soon: pause(20, { later: pause(20, 'nested') }),
            never: new Promise(() => {}),
            events: (async function* () {
              for (;;) yield await pause(10, `event of ${ctx.userContext.userId}`)
            })(),
          }
        }),
      })
      const port = await listen(parts)
      let heard = ''
      const user = `parts-${Object.keys(headers)[0]}`
      const sent = begin(port, { path: '/parts?batch=1&input={}', token: user, headers })
        .on('error', () => undefined)
        .on('response', (response) => response.on('data', (piece: Buffer) => (heard += piece.toString())))
      const ended = vi.fn()
      sent.on('close', ended).end()
      await expect.poll(() => heard.includes('nested') && heard.includes(`event of ${user}`)).toBe(true)
      expect(scopes[0]!.isClosed).toBe(false)
      await sessions.revoke({ user: { namespace: 'live', userId: user } })
      await expect.poll(() => ended.mock.calls.length).toBe(1)
      expect(heard.match(/Please sign in\./g)).toHaveLength(2)
      expect(scopes[0]!.isClosed).toBe(true)
    },
  )

  test('closes its scope when the last part of its answer has ended, at once where nobody reads parts', async () => {
    scopes.length = 0
    const parts = t.router({
      parts: t.procedure.use(userContext(live)).query(({ ctx }) => {
        scopes.push(ctx.userScope)
        return {
          soon: pause(20, 'soon'),
          events: (async function* () {
            yield await pause(50, 'event')
            return 'returned'
          })(),
        }
      }),
      plain: t.procedure.use(userContext(live)).query(({ ctx }) => {
        scopes.push(ctx.userScope)
        return { at: 'once' }
      }),
    })
    const port = await listen(parts)
    const path = '/parts?batch=1&input={}'
    const { text } = await ask(port, { path, token: 'emil', headers: jsonl })
    for (const word of ['soon', 'event', 'returned']) expect(text).toContain(`"${word}"`)
    await ask(port, { path, token: 'emil' })
    await ask(port, { path: '/plain?batch=1&input={}', token: 'emil', headers: jsonl })
    expect(scopes.map(({ isClosed }) => isClosed)).toEqual([true, true, true])
  })

  test('is closed when its reader left before the first step', async () => {
    const leaving = new AbortController()
    let scope: Scope | undefined
    const call = t.createCallerFactory(
      t.router({
        run: t.procedure.use(users).subscription(async function* ({ ctx }) {
          yield ctx.userContext.runId
        }),
        keep: t.procedure
          .use(users)
          .use(({ ctx, next }) => ((scope = ctx.userScope), next()))
          .subscription(async function* () {
            yield 1
          }),
      }),
    )({ req: { headers: { authorization: 'Bearer ada' } } }, { signal: leaving.signal })
    await call.keep()
    expect(scope!.isClosed).toBe(false)
    leaving.abort(new Error('gone'))
    expect(scope!.isClosed).toBe(true)
  })

  test('ends its generator, and answers as every call, when nobody formats errors', async () => {
    const plain = initTRPC.context<TrpcRequestContext>().create()
    const ended: string[] = []
    const procedure = plain.procedure.use(userContext(live))
    const call = plain.createCallerFactory(
      plain.router({
        left: procedure.subscription(async function* () {
          await using _cleanup = {
            [Symbol.asyncDispose]: async () => {
              ended.push('left')
              throw new Error('of the cleanup')
            },
          }
          yield 'first'
        }),
        fails: procedure.subscription(async function* () {
          yield 'first'
          throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path: 'inner.path', kind: 'too large' }] })
        }),
      }),
    )({ req: { headers: { authorization: 'Bearer dora' } } })
    for await (const _first of await call.left()) break
    await expect.poll(() => ended).toEqual(['left'])
    const failing = (await call.fails())[Symbol.asyncIterator]()
    await failing.next()
    await expect(failing.next()).rejects.toMatchObject({
      ...{ name: 'TRPCError', code: 'TOO_MANY_REQUESTS', message: 'Too many requests. Try again later.' },
    })
  })

  test('is refused as an observable, which would go on after a sign-out', async () => {
    const { status } = await ask(await listen(router), { path: '/observed', token: 'carol' })
    expect(status).toBeGreaterThanOrEqual(200)
    expect(String(errors[0]?.cause)).toContain('Write the subscription as an async generator')
  })
})

test('a procedure without the middleware does not compile', () => {
  // @ts-expect-error -- no middleware
  expect(t.procedure.query(({ ctx }) => ctx.userContext.userId)).toBeTypeOf('function')
  // @ts-expect-error -- no request in the root context
  expect(initTRPC.context<{ readonly db: string }>().create().procedure.use(users)).toBeTypeOf('object')
  const bare = initTRPC.context<{ readonly req: Request }>().create()
  expect(bare.procedure.use(users).query(({ ctx }) => ctx.userContext.userId)).toBeTypeOf('function')
  expect(t.procedure.use(users).query(({ ctx }) => ctx.userContext.userId satisfies string)).toBeTypeOf('function')
})
