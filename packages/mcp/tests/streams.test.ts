// Streams of subscriptions/listen: whose events they carry, and when they end.
import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { UserLoad } from '../src/calls/user-load.ts'
import type { McpContexts } from '../src/index.ts'
import { parseOptions } from '../src/options/options.ts'
import { newStreams } from '../src/sdk-2/streams.ts'
import { modern, modernHeaders, openWorld, type Claims, type World } from './world.ts'

let world: World
const contexts = new Map<string, UserExecutionContext>()
const register = (server: McpContexts) => {
  server.registerResource('all', 'notes://all', {}, () => '')
  server.registerTool('enter', {}, ({ context }) => {
    contexts.set(`${context.tenantId} ${context.userId}`, context)
    return 'in'
  })
}
const serverOptions = { capabilities: { resources: { subscribe: true, listChanged: true } } }
beforeAll(async () => {
  world = await openWorld(register, { serverOptions, limits: { subscriptions: 2 } })
})
afterAll(() => world.close())

type Stream = { readonly events: string[]; readonly ended: Promise<void>; readonly cancel: () => Promise<void> }
const notifications = { resourceSubscriptions: ['notes://all'], toolsListChanged: true }
const post = async (claims: Claims, filter: object = notifications): Promise<Response> =>
  world.post(
    await world.token(claims),
    modern('subscriptions/listen', { notifications: filter }),
    modernHeaders('subscriptions/listen'),
  )
async function listen(claims: Claims): Promise<Stream> {
  const response = await post(claims)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(response.headers.get('cache-control')).toContain('no-store')
  const events: string[] = []
  const reader = response.body!.pipeThrough(new TextDecoderStream() as never).getReader()
  const read = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) events.push(String(part.value))
  }
  const stream = { events, ended: read().catch(() => undefined), cancel: () => reader.cancel() }
  await vi.waitFor(() => expect(events.join('')).toContain('acknowledged'))
  return stream
}
async function contextFor(sub: string, tid = 'acme', more: Claims = {}): Promise<UserExecutionContext> {
  const client = await world.connect(await world.token({ sub, tid, ...more }))
  await client.callTool({ name: 'enter', arguments: {} })
  const context: unknown = contexts.get(`${tid} ${sub}`)
  assertUserExecutionContext(context)
  return context
}

describe('a stream', () => {
  test('carries the events of its user, and those for all', async () => {
    const streams = await Promise.all([
      listen({ sub: 'alice' }),
      listen({ sub: 'bob' }),
      listen({ sub: 'alice', tid: 'globex' }),
      listen({ sub: 'a:b', tid: 'acme' }),
    ])
    const [alice, bob, namesake, smuggler] = streams
    world.contexts.notify(await contextFor('alice')).resourceUpdated('notes://all')
    world.contexts.notify(await contextFor('b', 'acme:a')).resourceUpdated('notes://all')
    world.contexts.notifyAll.toolsChanged()
    const count = (stream: Stream | undefined, words: string): number => stream!.events.join('').split(words).length - 1
    await vi.waitFor(() => expect(streams.map((stream) => count(stream, 'tools/list_changed'))).toEqual([1, 1, 1, 1]))
    const updated = [alice, bob, namesake, smuggler].map((stream) => count(stream, 'resources/updated'))
    expect(updated).toEqual([1, 0, 0, 0])
    await Promise.all(streams.map(({ cancel }) => cancel()))
  })

  test('ends with the identity that opened it (AISVS 10.2.6)', async () => {
    const claims = { sub: 'carol', sid: 's1', issuedAtMs: Date.now() - 5000 }
    const stream = await listen(claims)
    const other = await listen({ sub: 'dora' })
    await world.sessions.revoke({ session: await contextFor('carol', 'acme', claims) })
    await stream.ended
    expect(stream.events.join('')).toContain('"resultType":"complete"')
    world.contexts.notifyAll.toolsChanged()
    await vi.waitFor(() => expect(other.events.join('')).toContain('tools/list_changed'))
    expect(stream.events.join('')).not.toContain('tools/list_changed')
    await other.cancel()
  })

  test('is one of a number that a user may hold, and gives its place back', async () => {
    const held = [await listen({ sub: 'greedy' }), await listen({ sub: 'greedy' })]
    expect((await post({ sub: 'greedy' })).status).toBe(429)
    const other = await listen({ sub: 'modest' })
    await held[0]!.cancel()
    await vi.waitFor(async () => {
      const response = await post({ sub: 'greedy' })
      expect(response.status).toBe(200)
      await response.body!.cancel()
    })
    await Promise.all([held[1]!.cancel(), other.cancel()])
  })

  test('that requests nothing is none, and takes no place', async () => {
    for (let count = 0; count < 4; count++) {
      const response = await post({ sub: 'quiet' }, {})
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('complete')
    }
    await (await listen({ sub: 'quiet' })).cancel()
  })

  test('is none for an identity that ends while it is opened, and takes no place', async () => {
    let revoke: (() => Promise<unknown>) | undefined
    const ending = await openWorld(register, {
      serverOptions,
      configure: () => void revoke?.(),
      limits: { subscriptions: 1 },
    })
    const claims = { sub: 'late', sid: 'late', issuedAtMs: Date.now() - 5000 }
    const client = await ending.connect(await ending.token(claims))
    await client.callTool({ name: 'enter', arguments: {} })
    const session = contexts.get('acme late')!
    const listenAs = async (more: Claims): Promise<Response> =>
      ending.post(
        await ending.token(more),
        modern('subscriptions/listen', { notifications }),
        modernHeaders('subscriptions/listen'),
      )
    revoke = () => ending.sessions.revoke({ session })
    expect(await (await listenAs(claims)).text()).toContain('"resultType":"complete"')
    revoke = undefined
    const next = await listenAs({ ...claims, sid: 'next' })
    expect(next.status).toBe(200)
    await next.body!.cancel()
    await ending.close()
  })

  test('that cannot be opened gives its place back', async () => {
    const settings = parseOptions(
      {
        identity: () => Promise.reject(new Error('Nobody signs in here.')),
        resource: 'https://notes.example.com/mcp',
        authorizationServers: ['https://id.example.com'],
        server: { name: 'tests', version: '1.0.0' },
      } as never,
      [],
    )
    const release = vi.fn()
    const load: UserLoad = { countRequests: () => true, hold: () => release }
    const streams = newStreams(() => Promise.reject(new Error('No server.')), { settings, load })
    // The SDK answers every fault of a request, and rejects only with what it meets on the way to such an answer.
    const body = {
      get method(): string {
        throw new Error('The body cannot be read.')
      },
    }
    const { url } = world
    const request = new Request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    const context = await contextFor('broken')
    await expect(streams.listen({ request, context, authInfo: {} as never, body })).rejects.toThrow('cannot be read')
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('ends with the server', async () => {
    const closing = await openWorld(register, { serverOptions })
    const response = await closing.post(
      await closing.token(),
      modern('subscriptions/listen', { notifications }),
      modernHeaders('subscriptions/listen'),
    )
    const text = response.text()
    await closing.contexts.close()
    expect(await text).toContain('complete')
    await closing.close()
  })
})
