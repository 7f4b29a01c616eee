// What Next.js calls, with web-standard requests; the app itself is built and run by integration/http-next.
import { setTimeout as pause } from 'node:timers/promises'
import { cookieToken } from '@user-execution-context/http'
import { userContext } from '@user-execution-context/http/next'
import { identityProvider, type Scope } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { describe, expect, test, vi } from 'vitest'
import { identity } from './two-users.ts'

const bearer = (token: string): Headers => new Headers({ authorization: `Bearer ${token}` })
const request = (token: string, signal?: AbortSignal): Request =>
  new Request('http://localhost/', { headers: bearer(token), ...(signal && { signal }) })
const segment = { params: Promise.resolve({ id: '7' }) }
const endless = (): Response =>
  new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(8)) }))

describe('route() of userContext() in Next.js', () => {
  test('gives the scope and the segment, and answers a stranger with 401', async () => {
    const route = userContext(identity).route(async (_request, { context }, { params }) =>
      Response.json([context.userId, (await params)['id']]),
    )
    expect(await (await route(request('ada'), segment)).json()).toEqual(['ada', '7'])
    const refused = await route(request('nobody'), segment)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  })

  test('closes the scope with the answer, and with a reader that leaves', async () => {
    const scopes: Scope[] = []
    const answers = [() => new Response(null, { status: 204 }), endless, endless]
    const route = userContext(identity).route((_request, scope) => {
      scopes.push(scope)
      return answers[scopes.length - 1]!()
    })
    await route(request('ada'), segment)
    expect(scopes[0]!.isClosed).toBe(true)
    const reader = (await route(request('ada'), segment)).body!.getReader()
    await reader.read()
    expect(scopes[1]!.isClosed).toBe(false)
    await reader.cancel()
    await expect.poll(() => scopes[1]!.isClosed).toBe(true)
    const client = new AbortController()
    await route(request('ada', client.signal), segment)
    client.abort(new Error('gone'))
    expect(scopes[2]!.signal.aborted).toBe(true)
  })

  test('closes the scope of a HEAD, whose body Next.js never reads, and cancels the body', async () => {
    const scopes: Scope[] = []
    const cancel = vi.fn()
    const route = userContext(identity).route((_request, scope) => {
      scopes.push(scope)
      return new Response(new ReadableStream({ cancel }), { status: 201 })
    })
    const head = new Request('http://localhost/', { method: 'HEAD', headers: bearer('ada') })
    const answer = await route(head, segment)
    expect([answer.status, answer.body, scopes[0]!.isClosed]).toEqual([201, null, true])
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  test('closes the scope with a body that fails, and a reader hears of it', async () => {
    const scopes: Scope[] = []
    const failing = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) }))
    const route = userContext(identity).route((_request, scope) => {
      scopes.push(scope)
      return failing()
    })
    const answer = await route(request('ada'), segment)
    expect(scopes[0]!.isClosed).toBe(false)
    await expect(answer.text()).rejects.toThrow('cut')
    expect(scopes[0]!.isClosed).toBe(true)
  })

  test('answers an identity that ends with 401, and leaves other errors and redirects to Next.js', async () => {
    const short = identityProvider({
      name: 'short',
      verify: (userId: string) => ({ userId, expiresAtMs: Date.now() + 1_000 }),
    })
    const scopes: Scope[] = []
    const waits = userContext(short).route(async (_request, scope) => {
      scopes.push(scope)
      await pause(60_000, undefined, { signal: scope.signal })
      return new Response('done')
    })
    expect((await waits(request('ada'), segment)).status).toBe(401)
    expect(scopes[0]!.isClosed).toBe(true)
    const redirects = userContext(identity).route((_request, scope) => {
      scopes.push(scope)
      throw Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/;307;' })
    })
    await expect(redirects(request('ada'), segment)).rejects.toThrow('NEXT_REDIRECT')
    expect(scopes[1]!.isClosed).toBe(true)
  })
})

describe('action() and context() of userContext() in Next.js', () => {
  test('give each request the context of its user, once for all that is rendered', async () => {
    let found = bearer('ada')
    const verify = vi.fn((userId: string) => ({ userId }))
    const users = userContext(identityProvider({ name: 'counted', verify }), { headers: async () => found })
    const [one, two] = [await users.context(), await users.context()]
    expect(one).toBe(two)
    expect(verify).toHaveBeenCalledTimes(1)
    found = bearer('bob')
    expect((await users.context()).userId).toBe('bob')
    const scopes: Scope[] = []
    const save = users.action(async (scope, text: string) => {
      scopes.push(scope)
      return `${text} of ${scope.context.userId}`
    })
    expect(await save('note')).toBe('note of bob')
    expect(scopes[0]!.isClosed).toBe(true)
  })

  test('ask for the token of a change in an action, and give onRefused a refusal and nothing else', async () => {
    const seen: string[] = []
    const users = userContext(identity, {
      headers: async () => bearer('ada'),
      token: ({ method }) => void seen.push(method),
      onRefused: ({ code }) => {
        throw new Error(`redirect ${code}`)
      },
    })
    await expect(users.action(async () => 'saved')()).rejects.toThrow('redirect ERR_CONTEXT_IDENTITY_REFUSED')
    await expect(users.context()).rejects.toThrow('redirect ERR_CONTEXT_IDENTITY_REFUSED')
    expect(seen).toEqual(['POST', 'GET'])
    const failing = userContext(identity, {
      headers: async () => bearer('ada'),
      onRefused: () => {
        throw new Error('redirect')
      },
    })
    const fails = failing.action(async () => {
      throw new Error('of the app')
    })
    await expect(fails()).rejects.toThrow('of the app')
  })

  test('give no page of another site the context of its visitor, in a handler that calls context()', async () => {
    const token = cookieToken({ name: 'session', origins: ['https://app.example.com'] })
    const open = (headers: Record<string, string>) =>
      userContext(identity, {
        token,
        headers: async () => new Headers({ cookie: 'session=ada', ...headers }),
      }).context()
    for (const origin of ['https://evil.example', 'null'])
      await expect(open({ origin })).rejects.toMatchObject({ code: 'ERR_CONTEXT_ORIGIN_REFUSED' })
    for (const headers of [{}, { origin: 'https://app.example.com' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await open(headers as Record<string, string>)).userId).toBe('ada')
  })

  test('verify an action by itself, also where a page was rendered for the same headers', async () => {
    const found = bearer('ada')
    const users = userContext(identity, { headers: async () => found })
    const page = await users.context()
    expect(await users.action(async ({ context }) => context)()).not.toBe(page)
  })

  test('give an action to onRefused whose identity ends in the middle of it', async () => {
    const short = identityProvider({
      name: 'short',
      verify: (userId: string) => ({ userId, expiresAtMs: Date.now() + 1_000 }),
    })
    const users = userContext(short, {
      headers: async () => bearer('ada'),
      onRefused: ({ code }) => {
        throw new Error(`redirect ${code}`)
      },
    })
    const waits = users.action(({ signal }) => pause(60_000, undefined, { signal }))
    await expect(waits()).rejects.toThrow('redirect ERR_CONTEXT_IDENTITY_EXPIRED')
  })

  test('report a cleanup that fails, and go on', async () => {
    const failed: unknown[] = []
    const onCleanupError = (error: unknown): void => void failed.push(error)
    const users = userContext(identity, { headers: async () => bearer('ada'), onCleanupError })
    const failing = (scope: Scope): void =>
      scope.defer(() => {
        throw new Error('of a cleanup')
      })
    const route = users.route((_request, scope) => {
      failing(scope)
      return Response.json('served')
    })
    expect(await (await route(request('ada'), segment)).json()).toBe('served')
    await expect.poll(() => failed.length, { timeout: 20_000 }).toBe(1)
    await users.action(async (scope) => failing(scope))()
    await expect.poll(() => failed.length, { timeout: 20_000 }).toBe(2)
  })

  test('run with their context ambient when asked', async () => {
    const users = userContext(identity, { headers: async () => bearer('ada'), ambient: runWithContext })
    expect(await users.action(async () => (await pause(1), currentContext().userId))()).toBe('ada')
    const route = users.route(async () => (await pause(1), new Response(currentContext().userId)))
    expect(await (await route(request('bob'), segment)).text()).toBe('bob')
  })

  test('say what they need', async () => {
    await expect(userContext(identity).context()).rejects.toThrow("import { headers } from 'next/headers'")
    expect(() => userContext(identity, { headers: 1 as never })).toThrow('headers: not a function')
    expect(() => userContext(identity, { onRefused: 1 as never })).toThrow('onRefused: not a function')
    expect(() => userContext(identity).route(1 as never)).toThrow('handle: not a function')
    expect(() => userContext(identity).action(1 as never)).toThrow('act: not a function')
  })
})

test('a handler that takes the scope does not compile as one of Next.js', () => {
  type Exported = (request: Request, segment: { readonly params: Promise<object> }) => Response | Promise<Response>
  const handle = (_request: Request, scope: Scope): Response => new Response(scope.context.runId)
  // @ts-expect-error -- Next.js gives no scope
  const forgotten: Exported = handle
  const GET: Exported = userContext(identity).route(handle)
  expect([forgotten, GET].map((handler) => typeof handler)).toEqual(['function', 'function'])
})
