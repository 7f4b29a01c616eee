// Handlers that a program registers with the SDK itself, in configure(): counted, and held to the liveness of their
// user, as those that are registered with mcpContexts().
import { completable as completableOfSdk1 } from '@modelcontextprotocol/sdk/server/completable.js'
import { ResourceTemplate as Sdk1Template, type McpServer as Sdk1Server } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  completable as completableOfSdk2,
  ResourceTemplate as Sdk2Template,
  type McpServer as Sdk2Server,
} from '@modelcontextprotocol/server'
import type { LiveSessions } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openSdk1, type Answer } from './sdk-1-world.ts'
import { modern, modernHeaders, openWorld, type Claims } from './world.ts'

/** The ends of what runs. */
const running = new Set<() => void>()
let isOver = false
const wait = async (): Promise<void> => {
  if (isOver) return
  let end!: () => void
  await new Promise<void>((resolve) => running.add((end = resolve)))
  running.delete(end)
}
const finish = (): void => running.forEach((end) => end())

const ownList = async (): Promise<{ resources: never[] }> => (await wait(), { resources: [] })
const suggest = async (): Promise<never[]> => (await wait(), [])
const quick = async (): Promise<never> => ({ content: [] }) as never
const own = async (): Promise<never> => (await wait(), { content: [], messages: [], contents: [] }) as never
const configureSdk2 = (server: Sdk2Server): void => {
  server.registerTool('own', {}, own)
  server.registerTool('parsed', { inputSchema: z.object({}) }, own)
  server.registerPrompt('own', {}, own)
  server.registerResource('own', 'notes://own', {}, own)
  server.registerTool('updated', {}, quick).update({ callback: own } as never)
  const template = new Sdk2Template('notes://own/{id}', { list: ownList, complete: { id: suggest } })
  server.registerResource('own template', template, {}, own)
  server.registerPrompt('suggesting', { argsSchema: z.object({ a: completableOfSdk2(z.string(), suggest) }) }, own)
  server.server.setRequestHandler('acme/own', { params: z.object({}) }, own)
  server.server.fallbackRequestHandler = own
}
const configureSdk1 = (server: Sdk1Server): void => {
  server.registerTool('own', {}, own)
  server.registerTool('parsed', { inputSchema: z.object({}) }, own)
  server.registerPrompt('own', {}, own)
  server.registerResource('own', 'notes://own', {}, own)
  server.registerTool('updated', {}, quick).update({ callback: own } as never)
  const template = new Sdk1Template('notes://own/{id}', { list: ownList, complete: { id: suggest } })
  server.registerResource('own template', template, {}, own)
  server.registerPrompt('suggesting', { argsSchema: { a: completableOfSdk1(z.string(), suggest) } }, own)
  server.server.setRequestHandler(z.object({ method: z.literal('acme/own') }), own)
  server.server.fallbackRequestHandler = own
}

type Opened = {
  readonly ask: (claims: Claims, method: string, params?: object) => Promise<Answer>
  readonly sessions: LiveSessions
  readonly errors: unknown[]
  readonly close: () => Promise<void>
}
type Registers = { registerTool: (name: string, config: object, handler: () => Promise<never>) => void }
const register = (contexts: Registers): void => contexts.registerTool('ours', {}, own)

const open = {
  'SDK 2': async (limits: object): Promise<Opened> => {
    const world = await openWorld(register as never, { limits, configure: configureSdk2 })
    const ask: Opened['ask'] = async (claims, method, params: { name?: string; uri?: string } = {}) => {
      const headers = modernHeaders(method, params.name ?? params.uri)
      return (await (
        await world.post(await world.token(claims), modern(method, { ...params }), headers)
      ).json()) as Answer
    }
    return { ...world, ask }
  },
  'SDK 1': async (limits: object): Promise<Opened> => {
    const world = openSdk1(register as never, { limits, configure: configureSdk1 })
    const opened = new Map<string, Promise<string>>()
    let id = 0
    const ask: Opened['ask'] = async (claims, method, params) => {
      const user = claims.sub ?? ''
      if (!opened.has(user)) opened.set(user, world.begin(claims))
      return world.ask(claims, await opened.get(user)!, method, params, ++id)
    }
    return { ...world, ask, close: world.contexts.close }
  },
} as const

const requests: readonly (readonly [method: string, params: object])[] = [
  ['tools/call', { name: 'own', arguments: {} }],
  ['tools/call', { name: 'parsed', arguments: {} }],
  ['prompts/get', { name: 'own' }],
  ['resources/read', { uri: 'notes://own' }],
  ['tools/call', { name: 'updated', arguments: {} }],
  ['resources/list', {}],
  [
    'completion/complete',
    { ref: { type: 'ref/resource', uri: 'notes://own/{id}' }, argument: { name: 'id', value: '' } },
  ],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'suggesting' }, argument: { name: 'a', value: '' } }],
  ['acme/own', {}],
  ['acme/unknown', {}],
]

describe.each(['SDK 2', 'SDK 1'] as const)('what configure() registers on %s', (sdk) => {
  let world: Opened
  beforeEach(() => void (isOver = false))
  afterEach(() => {
    isOver = true
    finish()
    return world.close()
  })
  const isRefused = ({ result, error }: Answer): boolean =>
    /Too many requests/.test(error?.message ?? '') ||
    (result?.isError === true && /Too many requests/.test(JSON.stringify(result)))

  test.each(requests)('counts as a call of its user: %s %j', async (method, params) => {
    world = await open[sdk]({ concurrentCalls: 2 })
    const first = [world.ask({ sub: 'greedy' }, method, params), world.ask({ sub: 'greedy' }, method, params)]
    await vi.waitFor(() => expect(running.size).toBe(2))
    expect(isRefused(await world.ask({ sub: 'greedy' }, method, params))).toBe(true)
    expect(isRefused(await world.ask({ sub: 'greedy' }, 'tools/call', { name: 'ours', arguments: {} }))).toBe(true)
    expect(world.errors).toMatchObject([{ code: 'ERR_CONTEXT_TOO_MANY_CALLS' }, { code: 'ERR_CONTEXT_TOO_MANY_CALLS' }])
    const other = world.ask({ sub: 'modest' }, method, params)
    await vi.waitFor(() => expect(running.size).toBe(3))
    finish()
    expect((await Promise.all([...first, other])).map(({ error, result }) => error ?? result?.isError)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    // Each gave its place back, and had taken one alone.
    const again = [world.ask({ sub: 'greedy' }, method, params), world.ask({ sub: 'greedy' }, method, params)]
    await vi.waitFor(() => expect(running.size).toBe(2))
    finish()
    expect((await Promise.all(again)).some(isRefused)).toBe(false)
  })

  test.each(requests)('answers nobody who was signed out meanwhile: %s %j', async (method, params) => {
    world = await open[sdk]({})
    const claims = { sub: 'late', issuedAtMs: Date.now() - 5000 }
    const answer = world.ask(claims, method, params).catch(() => ({ error: {} }))
    await vi.waitFor(() => expect(running.size).toBe(1))
    await world.sessions.revoke({ user: { namespace: 'https://id.example.com', tenantId: 'acme', userId: 'late' } })
    finish()
    const { error, result } = (await answer) as Answer
    expect(error !== undefined || result?.isError === true).toBe(true)
  })
})

test('what is shown again to a token with more rights counts once', async () => {
  isOver = false
  const world = openSdk1(
    (contexts) =>
      contexts.registerTool('write', { permissions: ['notes:write'] }, async () => (await wait(), 'written')),
    { limits: { concurrentCalls: 1 }, configure: configureSdk1 },
  )
  const session = await world.begin({ sub: 'dora', scope: 'notes:read' })
  const call = world.ask({ sub: 'dora', scope: 'notes:write' }, session, 'tools/call', { name: 'write', arguments: {} })
  await vi.waitFor(() => expect(running.size).toBe(1))
  finish()
  expect(await call).toMatchObject({ result: { content: [{ text: 'written' }] } })
  await world.contexts.close()
})
