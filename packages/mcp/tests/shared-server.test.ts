// One server object, given to the SDK for two users (CVE-2026-25536): whatever the second requests, nothing is answered
// as the first.
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { McpServer as Sdk1Server } from '@modelcontextprotocol/sdk/server/mcp.js'
import { liveSessions } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { McpContexts } from '../src/index.ts'
import { mcpContexts as sdk1Contexts } from '../src/sdk-1.ts'
import { modern, modernHeaders, newIdentity, openWorld, tokenOf, type World } from './world.ts'

const said = 'said by the server of alice'
let world: World
let ofAlice: McpServer | undefined
let dispatched: string[]

const register = (server: McpContexts): void => {
  server.registerTool('mine', { description: said }, () => (dispatched.push('tool'), said))
  server.registerPrompt('mine', { description: said }, () => (dispatched.push('prompt'), said))
  server.registerResource('mine', 'notes://mine', { description: said }, () => (dispatched.push('resource'), said))
  server.registerResourceTemplate(
    'each',
    'notes://each/{id}',
    {
      description: said,
      list: () => (dispatched.push('list'), [{ name: said, uri: 'notes://each/1' }]),
      complete: { id: () => (dispatched.push('complete'), [said]) },
    },
    () => said,
  )
}
const configure = (server: McpServer): void => {
  server.registerTool('own', {}, () => (dispatched.push('own'), { content: [{ type: 'text', text: said }] }))
  server.server.setRequestHandler('acme/own', { params: z.object({}) }, () => (dispatched.push('acme'), { said }))
  server.server.fallbackRequestHandler = () => Promise.resolve((dispatched.push('fallback'), { said }))
  server.server.setNotificationHandler('notifications/cancelled', () => void dispatched.push('cancelled'))
}
beforeAll(async () => {
  dispatched = []
  world = await openWorld(register, { configure })
})
afterAll(() => world.close())

type Asked = readonly [method: string, target: string, params: object]
const requests: readonly Asked[] = [
  ['tools/list', '', {}],
  ['tools/call', 'mine', { name: 'mine', arguments: {} }],
  ['tools/call', 'own', { name: 'own', arguments: {} }],
  ['prompts/list', '', {}],
  ['prompts/get', 'mine', { name: 'mine' }],
  ['resources/list', '', {}],
  ['resources/templates/list', '', {}],
  ['resources/read', 'notes://mine', { uri: 'notes://mine' }],
  [
    'completion/complete',
    '',
    { ref: { type: 'ref/resource', uri: 'notes://each/{id}' }, argument: { name: 'id', value: '' } },
  ],
  ['acme/own', '', {}],
  ['acme/unknown', '', {}],
]

describe('a server object of SDK 2 that is shared', () => {
  // Made once, as in the programs that this attack is on; alice is the first.
  const handler = createMcpHandler(
    async (request) => (ofAlice ??= (await world.contexts.factory(request)) as McpServer),
  )
  const ask = async (sub: string, [method, target, params]: Asked): Promise<string> => {
    const authInfo = await world.contexts.verifier.verifyAccessToken(await world.token({ sub }))
    const headers = {
      'content-type': 'application/json',
      'accept': 'application/json, text/event-stream',
      ...modernHeaders(method, target || undefined),
    }
    const body = JSON.stringify(modern(method, { ...params }))
    const answer = await handler.fetch(new Request(world.url, { method: 'POST', headers, body }), { authInfo })
    const text = await answer.text()
    await vi.waitFor(() => expect(ofAlice!.isConnected()).toBe(false))
    return text
  }

  test.each<Asked>(requests)('answers no %s %s of another user', async (...request: Asked) => {
    expect(await ask('alice', request)).toContain(said)
    dispatched = []
    world.errors.length = 0
    const refused = JSON.parse(await ask('bob', request)) as object
    expect(refused).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Not found.' } })
    expect(dispatched).toEqual([])
    expect(world.errors).toMatchObject([{ code: 'ERR_CONTEXT_ISOLATION' }])
    expect(await ask('alice', request)).toContain(said)
  })

  test('answers no other token of its user that holds other rights: its lists are those of the first', async () => {
    const scoped = await openWorld((server) => {
      server.registerTool('read', { permissions: ['notes:read'] }, () => 'read')
      server.registerTool('write', { permissions: ['notes:write'] }, () => 'written')
    })
    let shared: McpServer | undefined
    const both = createMcpHandler(async (request) => (shared ??= (await scoped.contexts.factory(request)) as McpServer))
    const list = async (scope: string): Promise<string> => {
      const authInfo = await scoped.contexts.verifier.verifyAccessToken(await scoped.token({ sub: 'alice', scope }))
      const headers = {
        'content-type': 'application/json',
        'accept': 'application/json, text/event-stream',
        ...modernHeaders('tools/list'),
      }
      const body = JSON.stringify(modern('tools/list'))
      const answer = await both.fetch(new Request(scoped.url, { method: 'POST', headers, body }), { authInfo })
      const text = await answer.text()
      await vi.waitFor(() => expect(shared!.isConnected()).toBe(false))
      return text
    }
    expect(await list('notes:read notes:write')).toContain('"write"')
    for (const scope of ['notes:read', 'notes:write', 'notes:read notes:other', '']) {
      scoped.errors.length = 0
      expect(JSON.parse(await list(scope))).toMatchObject({ error: { code: -32603, message: 'Not found.' } })
      expect(scoped.errors).toMatchObject([{ code: 'ERR_CONTEXT_ISOLATION' }])
      expect(String(scoped.errors[0])).toContain('Make a server for each request')
    }
    // A refreshed token, with the same rights in another order.
    expect(await list('notes:write notes:read')).toContain('"write"')
    await scoped.close()
  })

  test('takes no notification and no answer of another user, and nothing of nobody', async () => {
    const bob = await world.contexts.verifier.verifyAccessToken(await world.token({ sub: 'bob' }))
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    await ofAlice!.connect(ours as never)
    dispatched = []
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } } as const
    await theirs.send(cancelled, { authInfo: bob as never })
    await theirs.send(cancelled)
    await theirs.send({ jsonrpc: '2.0', id: 7, result: {} }, { authInfo: bob as never })
    const answered = new Promise((resolve) => (theirs.onmessage = resolve))
    await theirs.start()
    await theirs.send({ jsonrpc: '2.0', id: 8, method: 'ping' })
    expect(await answered).toMatchObject({ id: 8, error: { message: 'Something went wrong on our side.' } })
    expect(dispatched).toEqual([])
    const alice = await world.contexts.verifier.verifyAccessToken(await world.token({ sub: 'alice' }))
    await theirs.send(cancelled, { authInfo: alice as never })
    await vi.waitFor(() => expect(dispatched).toEqual(['cancelled']))
    await ofAlice!.close()
  })

  test('tells of a refusal that could not be sent, and goes on', async () => {
    const bob = await world.contexts.verifier.verifyAccessToken(await world.token({ sub: 'bob' }))
    const [ours] = InMemoryTransport.createLinkedPair()
    ours.send = () => Promise.reject(new Error('The client has gone.'))
    await ofAlice!.connect(ours as never)
    world.errors.length = 0
    ours.onmessage!({ jsonrpc: '2.0', id: 9, method: 'ping' }, { authInfo: bob as never })
    await vi.waitFor(() =>
      expect(world.errors).toMatchObject([{ code: 'ERR_CONTEXT_ISOLATION' }, { message: 'The client has gone.' }]),
    )
    await ofAlice!.close()
  })
})

describe('a server object of SDK 1 that is shared', () => {
  test('answers no list of another user', async () => {
    const resource = 'https://notes.example.com/mcp'
    let shared!: Sdk1Server
    const contexts = sdk1Contexts({
      identity: newIdentity(resource, liveSessions({ maxProofMs: 3_600_000 })),
      resource,
      authorizationServers: ['https://id.example.com'],
      server: { name: 'tests', version: '1.0.0' },
      configure: (server) => (shared = server),
    })
    contexts.registerTool('mine', { description: said }, () => said)
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1.0.0' } }
    const opened = await contexts.fetch(
      new Request(resource, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'accept': 'application/json, text/event-stream',
          'authorization': `Bearer ${await tokenOf(resource)}`,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
      }),
    )
    expect(opened.status).toBe(200)
    await shared.close()
    const list = async (sub: string): Promise<unknown> => {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      await shared.connect(ours)
      const answered = new Promise((resolve) => (theirs.onmessage = resolve))
      const authInfo = await contexts.verifier.verifyAccessToken(await tokenOf(resource, { sub }))
      await theirs.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' }, { authInfo })
      const answer = await answered
      await shared.close()
      return answer
    }
    expect(JSON.stringify(await list('alice'))).toContain(said)
    expect(await list('bob')).toMatchObject({ id: 2, error: { code: -32603, message: 'Not found.' } })
    await contexts.close()
  })
})
