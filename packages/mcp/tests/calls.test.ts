// Tools, resources and prompts: whose they run for, who sees them, and when they end.
import { assertUserExecutionContext, type Scope } from 'user-execution-context'
import { runWithContext, tryCurrentContext } from 'user-execution-context/ambient'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { contextOf, type McpContexts } from '../src/index.ts'
import { notesServer } from './notes.ts'
import { openWorld, modern, modernHeaders, textOf, type World } from './world.ts'

let world: World
let scopes: Scope[]
const register = (contexts: McpContexts) => {
  const server = notesServer(contexts)
  contexts.registerTool('wait', {}, async (scope) => {
    scopes.push(scope)
    await new Promise((resolve) => scope.signal.addEventListener('abort', resolve, { once: true }))
    return `ended ${scope.context.userId}`
  })
  contexts.registerTool('fail', {}, () => {
    throw new Error('Not enough credit.')
  })
  contexts.registerTool('misuse', {}, ({ context }) => {
    assertUserExecutionContext({ ...context })
    return 'unreached'
  })
  contexts.registerResourceTemplate(
    'note',
    'notes://by/{id}',
    {
      permissions: ['notes:read'],
      cacheHint: { ttlMs: 1000 },
      list: ({ context }) => [{ name: 'one', uri: `notes://by/${context.userId}` }],
      complete: { id: ({ context }, value) => [`${value}${context.userId}`] },
    },
    ({ context }, { uri, variables }) => `${context.userId} reads ${String(variables['id'])} at ${uri.href}`,
  )
  return server
}
let seen: ReturnType<typeof notesServer>['seen']
beforeAll(async () => {
  scopes = []
  world = await openWorld((contexts) => ({ seen } = register(contexts)), { limits: { concurrentCalls: 3 } })
})
afterAll(() => world.close())
const writer = { scope: 'notes:read notes:write' }

describe('a call', () => {
  test('runs for the user of its own request, 40 at once of two users', async () => {
    let own!: ReturnType<typeof notesServer>
    const wide = await openWorld((contexts) => (own = notesServer(contexts)), { limits: { concurrentCalls: 20 } })
    const users = ['u1', 'u2']
    const clients = await Promise.all(users.map(async (sub) => wide.connect(await wide.token({ sub }))))
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => clients[index % 2]!.callTool({ name: 'whoami', arguments: {} })),
    )
    expect(answers.map(textOf)).toEqual(answers.map((_, index) => expect.stringContaining(users[index % 2]!)))
    expect(new Set(own.seen.map(({ requestId }) => requestId)).size).toBe(40)
    await wide.close()
  })

  test('runs with its own context ambient where runWithContext() is given', async () => {
    const ambients: unknown[] = []
    const ambientWorld = await openWorld(
      (contexts) =>
        contexts.registerTool('look', {}, async ({ context }) => {
          await Promise.resolve()
          ambients.push(tryCurrentContext() === context)
          return context.userId
        }),
      { ambient: runWithContext },
    )
    const clients = await Promise.all(
      ['u1', 'u2'].map(async (sub) => ambientWorld.connect(await ambientWorld.token({ sub }))),
    )
    const answers = await Promise.all(clients.map((client) => client.callTool({ name: 'look', arguments: {} })))
    expect(answers.map(textOf)).toEqual(['u1', 'u2'].map((text) => expect.stringContaining(text)))
    expect(ambients).toEqual([true, true])
    await ambientWorld.close()
  })

  test('takes no user from its input: what a model writes beside the schema is dropped (AISVS 9.5.3)', async () => {
    const client = await world.connect(await world.token({ sub: 'alice', ...writer }))
    const input = { text: 'mine', userId: 'bob', context: { userId: 'bob' } }
    expect(textOf(await client.callTool({ name: 'add_note', arguments: input }))).toBe('Added.')
    const read = async (sub: string): Promise<string> => {
      const reader = await world.connect(await world.token({ sub, ...writer }))
      const { contents } = await reader.readResource({ uri: 'notes://all' })
      return (contents[0] as { readonly text: string }).text
    }
    expect(await read('alice')).toBe('["mine"]')
    expect(await read('bob')).toBe('[]')
  })

  test('of a template reads, lists and completes for its user', async () => {
    const client = await world.connect(await world.token({ sub: 'alice', ...writer }))
    const { contents } = await client.readResource({ uri: 'notes://by/7' })
    expect(contents[0]).toMatchObject({ text: 'alice reads 7 at notes://by/7' })
    const { resources } = await client.listResources()
    expect(resources.map(({ uri }) => uri).sort()).toEqual(['notes://all', 'notes://by/alice'])
    const completion = await client.complete({
      ref: { type: 'ref/resource', uri: 'notes://by/{id}' },
      argument: { name: 'id', value: 'al-' },
    })
    expect(completion.completion.values).toEqual(['al-alice'])
  })

  test('of a prompt makes it for its user', async () => {
    const client = await world.connect(await world.token({ sub: 'dora' }))
    const { messages } = await client.getPrompt({ name: 'summary', arguments: { style: 'briefly' } })
    expect(messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Sum up 0 notes briefly.' } }])
  })

  test('tells the model what the tool says of a failure, and nothing that is for developers', async () => {
    const client = await world.connect(await world.token())
    expect(await client.callTool({ name: 'fail', arguments: {} })).toMatchObject({
      isError: true,
      content: [{ text: 'Not enough credit.' }],
    })
    const misuse = await client.callTool({ name: 'misuse', arguments: {} })
    expect(misuse).toMatchObject({ isError: true, content: [{ text: 'Something went wrong on our side.' }] })
    expect(world.errors.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_NOT_ISSUED' })
  })

  test('ends with the identity of its user, unanswered', async () => {
    const client = await world.connect(await world.token({ sub: 'eve', sid: 's9', issuedAtMs: Date.now() - 5000 }))
    const waiting = client.callTool({ name: 'wait', arguments: {} })
    await vi.waitFor(() => expect(scopes).toHaveLength(1))
    await world.sessions.revoke({ session: scopes[0]!.context })
    expect(await waiting).toMatchObject({ isError: true, content: [{ text: 'Please sign in.' }] })
    expect(scopes[0]!.signal.aborted).toBe(true)
  })

  test('is unanswered when its identity ends while its scope is closed', async () => {
    const ending = await openWorld((contexts) =>
      contexts.registerTool('leave', {}, (scope) => {
        scope.defer(async () => void (await ending.sessions.revoke({ session: scope.context })))
        return 'left'
      }),
    )
    const claims = { sub: 'ivy', sid: 's10', issuedAtMs: Date.now() - 5000 }
    const client = await ending.connect(await ending.token(claims))
    const result = await client.callTool({ name: 'leave', arguments: {} })
    expect(result).toMatchObject({ isError: true, content: [{ text: 'Please sign in.' }] })
    await ending.close()
  })

  test('ends when its client has gone, and its scope is closed', async () => {
    scopes = []
    const client = await world.connect(await world.token({ sub: 'frank' }))
    const aborting = new AbortController()
    const waiting = client.callTool({ name: 'wait', arguments: {} }, { signal: aborting.signal })
    waiting.catch(() => undefined)
    await vi.waitFor(() => expect(scopes).toHaveLength(1))
    aborting.abort()
    await expect(waiting).rejects.toThrow()
    await vi.waitFor(() => expect(scopes[0]!.signal.aborted).toBe(true))
    await vi.waitFor(() => expect(() => scopes[0]!.defer(() => undefined)).toThrow())
  })

  test('ends when it takes too long', async () => {
    scopes = []
    const hasty = await openWorld(register, { limits: { callMs: 30 } })
    const client = await hasty.connect(await hasty.token())
    const result = await client.callTool({ name: 'wait', arguments: {} })
    expect(result).toMatchObject({ isError: true, content: [{ text: 'The request took too long.' }] })
    await hasty.close()
  })
})

describe('permissions', () => {
  test('decide what a user sees and calls (AISVS 9.5.1, 10.2.4, 10.2.5)', async () => {
    const reader = await world.connect(await world.token({ scope: 'notes:read' }))
    const names = (await reader.listTools()).tools.map(({ name }) => name)
    expect(names).toContain('whoami')
    expect(names).not.toContain('add_note')
    await expect(reader.callTool({ name: 'add_note', arguments: { text: 'no' } })).rejects.toThrow('not found')
    const nobody = await world.connect(await world.token())
    await expect(nobody.readResource({ uri: 'notes://all' })).rejects.toThrow(/not found|not support/i)
  })

  test('refuse a result that anybody may cache beside them', () => {
    const { contexts } = world
    const shared = { permissions: ['a'], cacheHint: { cacheScope: 'public' as const } }
    expect(() => contexts.registerResource('shared', 'notes://shared', shared, () => '')).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }) as Error,
    )
  })
})

describe('a registration', () => {
  test('with a key that nobody knows is refused, and shows its tool to nobody', async () => {
    const { contexts } = world
    // Of a plain JavaScript caller: the compiler refuses it as well.
    const misspelt = { description: 'For some.', permission: ['notes:write'] } as object
    const issues = [{ path: 'permission', kind: 'unknown key' }]
    const refusal = expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues }) as Error
    expect(() => contexts.registerTool('misspelt', misspelt, () => '')).toThrow(refusal)
    expect(() => contexts.registerPrompt('misspelt', misspelt, () => '')).toThrow(refusal)
    expect(() => contexts.registerResource('misspelt', 'notes://misspelt', misspelt, () => '')).toThrow(refusal)
    const client = await world.connect(await world.token())
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('misspelt')
  })
})

describe('limits', () => {
  test('hold a user to so many calls at once, and let every other call', async () => {
    scopes = []
    const greedy = await world.connect(await world.token({ sub: 'greedy' }))
    const calls = Array.from({ length: 3 }, () => greedy.callTool({ name: 'wait', arguments: {} }))
    await vi.waitFor(() => expect(scopes).toHaveLength(3))
    expect(await greedy.callTool({ name: 'whoami', arguments: {} })).toMatchObject({ isError: true })
    const other = await world.connect(await world.token({ sub: 'modest' }))
    expect((await other.callTool({ name: 'whoami', arguments: {} })).isError).toBeUndefined()
    await world.sessions.revoke({ user: { namespace: 'https://id.example.com', tenantId: 'acme', userId: 'greedy' } })
    await Promise.all(calls)
  })

  test('count what runs: a call that was given up holds its place until its handler has ended', async () => {
    let running = 0
    let most = 0
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    const strict = await openWorld(
      (contexts) =>
        contexts.registerTool('deaf', {}, async () => {
          most = Math.max(most, ++running)
          await ended
          running--
          return 'done'
        }),
      { limits: { concurrentCalls: 2 } },
    )
    const client = await strict.connect(await strict.token())
    const isRefusal = (error: unknown): boolean => (error as { code?: string }).code === 'ERR_CONTEXT_TOO_MANY_CALLS'
    const refused = (): number => strict.errors.filter(isRefusal).length
    const call = (signal?: AbortSignal) =>
      client.callTool({ name: 'deaf', arguments: {} }, signal === undefined ? {} : { signal })
    for (let count = 0; count < 12; count++) {
      const aborting = new AbortController()
      const given = call(aborting.signal).catch((error: unknown) => error)
      await vi.waitFor(() => expect(running + refused()).toBe(count + 1))
      aborting.abort()
      await given
    }
    expect([running, most]).toEqual([2, 2])
    expect(refused()).toBe(10)
    end()
    await vi.waitFor(() => expect(running).toBe(0))
    for (let count = 0; count < 3; count++) expect(textOf(await call())).toBe('done')
    await strict.close()
  })

  test('give the place of a call back whose handler has failed', async () => {
    const strict = await openWorld(
      (contexts) => {
        contexts.registerTool('fail', {}, () => Promise.reject(new Error('It failed.')))
        contexts.registerTool('whoami', {}, ({ context }) => context.userId)
      },
      { limits: { concurrentCalls: 1 } },
    )
    const client = await strict.connect(await strict.token())
    expect(await client.callTool({ name: 'fail', arguments: {} })).toMatchObject({ isError: true })
    expect(textOf(await client.callTool({ name: 'whoami', arguments: {} }))).toBe('alice')
    await strict.close()
  })

  test('count each message of a batch as a request', async () => {
    let ran = 0
    const slow = await openWorld((contexts) => contexts.registerTool('run', {}, () => (ran++, 'ran')), {
      limits: { requestsPerMinute: 10 },
    })
    const batch = (length: number): object[] =>
      Array.from({ length }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'run' } }))
    const send = async (sub: string, body: unknown): Promise<Response> =>
      slow.post(await slow.token({ sub }), body, { 'mcp-protocol-version': '2025-03-26' })
    const refused = await send('greedy', batch(11))
    expect([refused.status, refused.headers.get('retry-after'), ran]).toEqual([429, '60', 0])
    expect((await send('modest', batch(4))).status).toBe(200)
    await vi.waitFor(() => expect(ran).toBe(4))
    expect((await send('modest', batch(7))).status).toBe(429)
    expect((await send('third', [])).status).not.toBe(429)
    expect(ran).toBe(4)
    expect((await send('exact', batch(10))).status).toBe(200)
    await vi.waitFor(() => expect(ran).toBe(14))
    await slow.close()
  })

  test('hold a user to so many requests a minute, and let every other ask', async () => {
    const slow = await openWorld(notesServer, { limits: { requestsPerMinute: 3 } })
    const token = await slow.token({ sub: 'greedy' })
    const ask = async (bearer: string) => slow.post(bearer, modern('tools/list'), modernHeaders('tools/list'))
    const statuses = []
    for (let count = 0; count < 4; count++) statuses.push((await ask(token)).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    // A fresh token of the same user buys nothing.
    const refused = await ask(await slow.token({ sub: 'greedy' }))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await ask(await slow.token({ sub: 'modest' }))).status).toBe(200)
    await slow.close()
  })
})

describe('a server object', () => {
  test('is made for nobody without a context', () => {
    expect(() => world.contexts.factory({ era: 'modern' })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }) as Error,
    )
    expect(seen).not.toEqual([])
    const forged = { token: '', clientId: '', scopes: [], extra: { context: { ...seen[0] } } }
    expect(() => world.contexts.factory({ era: 'modern', authInfo: forged })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }) as Error,
    )
    expect(() => contextOf({})).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }) as Error)
  })
})

describe('configure', () => {
  test('is given each server, for handlers that ask for their user themselves', async () => {
    const configured = await openWorld(notesServer, {
      configure: (server) => {
        server.registerTool('own', {}, (request) => ({
          content: [{ type: 'text', text: contextOf(request).userId }],
        }))
      },
    })
    const client = await configured.connect(await configured.token({ sub: 'zoe' }))
    expect(textOf(await client.callTool({ name: 'own', arguments: {} }))).toBe('zoe')
    await configured.close()
  })
})
