import { createServer, type IncomingMessage } from 'node:http'
import { portOf } from './frameworks/client.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { apiKey, contextFromRequest, firstToken, bearerToken, toResponse } from '@user-execution-context/http'
import { ContextError, identityProvider, isUserExecutionContext, parseThreadId } from 'user-execution-context'

const verify = vi.fn((token: string) => (['ada', 'bob'].includes(token) ? { userId: token } : undefined))
const identity = identityProvider({ name: 'tokens', verify })
const toRequest = (headers: Readonly<Record<string, string>> = {}): Request =>
  new Request('http://localhost/threads/t-1', { headers })
afterEach(() => verify.mockClear())

describe('contextFromRequest', () => {
  test('gives a context of its own for each web-standard request', async () => {
    const toContext = contextFromRequest(identity)
    const one = await toContext(toRequest({ authorization: 'Bearer ada' }))
    const other = await toContext(toRequest({ authorization: 'Bearer bob' }))
    expect([one, other].map((context) => [isUserExecutionContext(context), context.userId])).toEqual([
      [true, 'ada'],
      [true, 'bob'],
    ])
    expect(one.requestId).not.toBe(other.requestId)
  })

  test('takes a request of Node', async () => {
    const toContext = contextFromRequest<IncomingMessage>(identity)
    const server = createServer((request, response) => {
      toContext(request).then(
        (context) => response.end(context.userId),
        () => response.end('refused'),
      )
    }).listen(0, '127.0.0.1')
    const url = `http://127.0.0.1:${await portOf(server)}/`
    expect(await (await fetch(url, { headers: { authorization: 'Bearer ada' } })).text()).toBe('ada')
    expect(await (await fetch(url)).text()).toBe('refused')
    server.closeAllConnections()
    server.close()
  })

  test('has no default user: without a token the identity provider is not asked', async () => {
    const toContext = contextFromRequest(identity)
    for (const headers of [{}, { authorization: 'Basic abc' }, { 'x-user-id': 'ada' }, { 'x-forwarded-user': 'ada' }])
      await expect(toContext(toRequest(headers as never))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_IDENTITY_REFUSED',
        issues: [{ path: 'token', kind: 'missing' }],
      })
    expect(verify).not.toHaveBeenCalled()
  })

  test.each([
    ['an empty text', ''],
    ['no text', { userId: 'ada' }],
    ['a text that is too long', 'a'.repeat(16_385)],
  ])('refuses a strategy that gives %s', async (_what, given) => {
    const toContext = contextFromRequest(identity, { token: () => given as string })
    await expect(toContext(toRequest())).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REFUSED' })
    expect(verify).not.toHaveBeenCalled()
  })

  test('refuses an identity that gives no verified user', async () => {
    const forge = (async () => ({ userId: 'ada' })) as never
    await expect(contextFromRequest(forge)(toRequest({ authorization: 'Bearer ada' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_USER_NOT_VERIFIED',
    })
  })

  test('asks the next strategy only where the first finds nothing', async () => {
    const toContext = contextFromRequest(identity, { token: firstToken(bearerToken(), apiKey()) })
    await expect(toContext(toRequest({ 'authorization': 'Bearer eve', 'x-api-key': 'ada' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_IDENTITY_REFUSED',
    })
    expect((await toContext(toRequest({ 'x-api-key': 'ada' }))).userId).toBe('ada')
  })

  test('gives the run that the request is for, after the user was verified', async () => {
    const run = vi.fn((request: Request) => ({ threadId: parseThreadId(new URL(request.url).pathname.split('/')[2]) }))
    const toContext = contextFromRequest<Request>(identity, { run })
    expect((await toContext(toRequest({ authorization: 'Bearer ada' }))).threadId).toBe('t-1')
    await expect(toContext(toRequest({ authorization: 'Bearer eve' }))).rejects.toThrow()
    expect(run).toHaveBeenCalledTimes(1)
    const naming = contextFromRequest(identity, { run: () => ({ userId: 'bob' }) as never })
    await expect(naming(toRequest({ authorization: 'Bearer ada' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_REQUEST',
    })
  })

  test('rethrows what the identity provider throws as it is', async () => {
    const failure = new Error('the database is down')
    const failing = identityProvider({ name: 'failing', verify: () => Promise.reject(failure) })
    await expect(contextFromRequest(failing)(toRequest({ authorization: 'Bearer ada' }))).rejects.toBe(failure)
  })

  test('refuses options that it cannot use, all at once', () => {
    expect(() => contextFromRequest(undefined as never, { token: 1 as never, run: 'x' as never })).toThrow(
      'identity: not a function; token: not a function; run: not a function',
    )
  })
})

describe('toResponse', () => {
  test('tells what a client may be told, with the headers of the status', async () => {
    const response = toResponse(
      new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED', { issues: [{ path: 'inner.path', kind: 'missing' }] }),
    )
    expect(response.status).toBe(401)
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'www-authenticate': 'Bearer',
    })
    expect(await response.json()).toEqual({ code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' })
  })

  test.each([[new Error('secret')], ['secret'], [undefined], [{ status: 200, message: 'secret' }]])(
    'tells nothing of another error: %s',
    async (error) => {
      const response = toResponse(error)
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('secret')
    },
  )
})
