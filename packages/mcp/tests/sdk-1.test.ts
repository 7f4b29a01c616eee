// SDK 1: sessions over a real socket, with the client of that SDK.
import { toNodeHandler } from '@modelcontextprotocol/node'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  encodeKey,
  identityProvider,
  liveSessions,
  toOwnerKey,
  type LiveSessions,
  type UserExecutionContext,
} from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { mcpContexts, type McpContexts, type McpContextsOptions } from '../src/sdk-1.ts'
import { newIdentity, textOf, tokenOf, type Claims } from './world.ts'

type Connected = { readonly client: Client; readonly transport: StreamableHTTPClientTransport }
let url: URL
let server: McpContexts
let sessions: LiveSessions
let close: () => Promise<void>
const errors: unknown[] = []
const contexts: UserExecutionContext[] = []

function register(contextsOf: McpContexts): void {
  const notes = new Map<string, string>()
  contextsOf.registerTool('whoami', {}, ({ context }) => {
    contexts.push(context)
    return encodeKey([context.tenantId ?? '', context.userId])
  })
  contextsOf.registerTool(
    'keep',
    { inputSchema: z.object({ text: z.string() }), permissions: ['notes:write'] },
    ({ context }, { text }) => {
      notes.set(toOwnerKey(context), text)
      return 'Kept.'
    },
  )
  contextsOf.registerTool('sure', {}, async (_scope, _input, call) => {
    const requestedSchema = { type: 'object' as const, properties: { yes: { type: 'boolean' as const } } }
    const { action } = await call.elicit({ mode: 'form', message: 'Sure?', requestedSchema })
    return action
  })
  contextsOf.registerTool('misuse', {}, ({ context }) => toOwnerKey({ ...context } as never))
  contextsOf.registerTool('token', {}, (_scope, _input, { sdk }) =>
    JSON.stringify([sdk.authInfo?.token, sdk.requestInfo?.headers['authorization']]),
  )
  contextsOf.registerResource(
    'note',
    'notes://mine',
    { permissions: ['notes:read'] },
    ({ context }) => notes.get(toOwnerKey(context)) ?? 'Nothing.',
  )
  contextsOf.registerResourceTemplate(
    'by',
    'notes://by/{id}',
    {
      list: ({ context }) => [{ name: 'own', uri: `notes://by/${context.userId}` }],
      complete: { id: ({ context }, value) => [`${value}${context.userId} ${context.permissions.join()}`] },
    },
    ({ context }, { variables }) => `${context.userId} ${String(variables['id'])}`,
  )
  contextsOf.registerPrompt(
    'style',
    { argsSchema: { style: z.string() } },
    ({ context }, { style }) => `${context.userId} ${String(style)}`,
  )
}

async function open(options: Partial<McpContextsOptions> = {}): Promise<void> {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)
  sessions = liveSessions({ maxProofMs: 3_600_000 })
  server = mcpContexts({
    identity: newIdentity(url.href, sessions),
    resource: url.href,
    authorizationServers: ['https://id.example.com'],
    server: { name: 'tests', version: '1.0.0' },
    onError: (error) => errors.push(error),
    ...options,
  })
  register(server)
  http.on('request', (request, response) => void toNodeHandler(server)(request as never, response))
  close = async () => {
    await server.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
}
beforeAll(() => open({ limits: { sessions: 3 } }))
afterAll(() => close())

const token = (claims: Claims = {}): Promise<string> => tokenOf(url.href, claims)
async function connect(bearer: string | (() => string), name = 'client'): Promise<Connected> {
  const client = new Client({ name, version: '1.0.0' }, { capabilities: { elicitation: {} } })
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('authorization', `Bearer ${typeof bearer === 'string' ? bearer : bearer()}`)
      return fetch(input, { ...init, headers })
    },
  })
  await client.connect(transport as never)
  return { client, transport }
}
const who = async ({ client }: Connected): Promise<string> => textOf(await client.callTool({ name: 'whoami' }))
const send = (method: string, headers: Record<string, string>, body?: object): Promise<Response> =>
  fetch(url, {
    method,
    headers: { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const list = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: {} }

describe('a session', () => {
  test('serves its user, 40 calls of two users at once', async () => {
    const users = await Promise.all(['u1', 'u2'].map(async (sub) => connect(await token({ sub }))))
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => who(users[index % 2]!)))
    expect(answers).toEqual(answers.map((_, index) => expect.stringContaining(`u${1 + (index % 2)}`)))
    await Promise.all(users.map(({ client }) => client.close()))
  })

  test('is none to another user, of the tenant or of another, to read, call or end', async () => {
    const alice = await connect(await token({ sub: 'alice' }))
    const id = alice.transport.sessionId!
    for (const claims of [{ sub: 'bob' }, { sub: 'alice', tid: 'globex' }]) {
      const headers = { 'mcp-session-id': id, 'authorization': `Bearer ${await token(claims)}` }
      const answers = [await send('POST', headers, list), await send('GET', headers), await send('DELETE', headers)]
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
      const unknown = await send('POST', { ...headers, 'mcp-session-id': crypto.randomUUID() }, list)
      expect(await unknown.json()).toEqual(await answers[0]!.json())
    }
    expect(await who(alice)).toContain('alice')
    await alice.client.close()
  })

  test('whose id is all that is sent opens nothing (AISVS 10.2.1)', async () => {
    const alice = await connect(await token({ sub: 'alice' }))
    const headers = { 'mcp-session-id': alice.transport.sessionId! }
    for (const method of ['GET', 'DELETE']) expect((await send(method, headers)).status).toBe(401)
    expect((await send('POST', headers, list)).status).toBe(401)
    await alice.client.close()
  })

  test('is kept when the token of its user is refreshed, and lost on nobody but its user', async () => {
    let bearer = await token({ sub: 'carol', sid: 's1', lifeSeconds: 600 })
    const carol = await connect(() => bearer)
    const id = carol.transport.sessionId
    bearer = await token({ sub: 'carol', sid: 's1', lifeSeconds: 900 })
    expect(await who(carol)).toContain('carol')
    expect(carol.transport.sessionId).toBe(id)
    bearer = await token({ sub: 'mallory', sid: 's1' })
    await expect(who(carol)).rejects.toThrow(/Session not found/)
    await carol.client.close()
  })

  test('of a tenant and user that run together to the same text is none', async () => {
    const one = await connect(await token({ tid: 'acme', sub: 'a:b' }))
    const headers = {
      'mcp-session-id': one.transport.sessionId!,
      'authorization': `Bearer ${await token({ tid: 'acme:a', sub: 'b' })}`,
    }
    expect((await send('POST', headers, list)).status).toBe(404)
    await one.client.close()
  })

  test('ends with the identity of its user, and so does its stream (AISVS 10.2.6)', async () => {
    const claims = { sub: 'eve', sid: 's2', issuedAtMs: Date.now() - 5000 }
    const eve = await connect(await token(claims))
    await who(eve)
    const fresh = await token({ ...claims, sid: 's3' })
    const stream = await send('GET', { 'mcp-session-id': eve.transport.sessionId!, 'authorization': `Bearer ${fresh}` })
    await sessions.revoke({ user: { namespace: 'https://id.example.com', tenantId: 'acme', userId: 'eve' } })
    if (stream.status === 200) await stream.text()
    await expect(who(eve)).rejects.toThrow()
    const again = await token({ sub: 'eve', sid: 's4', issuedAtMs: Date.now() + 2000 })
    const headers = { 'mcp-session-id': eve.transport.sessionId!, 'authorization': `Bearer ${again}` }
    expect((await send('POST', headers, list)).status).toBe(404)
  })

  test('shows what the token that came last allows, and says when that changes (AISVS 10.2.4, 10.2.5)', async () => {
    let bearer = await token({ sub: 'dora', scope: 'notes:read' })
    const dora = await connect(() => bearer)
    const changed = vi.fn()
    dora.client.setNotificationHandler(ToolListChangedNotificationSchema, changed)
    const names = async (): Promise<string[]> => (await dora.client.listTools()).tools.map(({ name }) => name)
    expect(await names()).not.toContain('keep')
    expect(await dora.client.callTool({ name: 'keep', arguments: { text: 'x' } })).toMatchObject({ isError: true })
    bearer = await token({ sub: 'dora', scope: 'notes:read notes:write' })
    expect(await names()).toContain('keep')
    expect(textOf(await dora.client.callTool({ name: 'keep', arguments: { text: 'hers' } }))).toBe('Kept.')
    const { contents } = await dora.client.readResource({ uri: 'notes://mine' })
    expect(contents[0]).toMatchObject({ text: 'hers' })
    await dora.client.close()
  })

  test('shows each token what it allows, two of one user in flight (AISVS 10.2.4)', async () => {
    // A token is its permissions, and there is no socket between: both are on their way before either is answered.
    const verify = (bearer: string) => ({ userId: 'dora', permissions: [bearer.replace('~', ':')] })
    const resource = 'https://notes.example.com/mcp'
    const quick = mcpContexts({
      identity: identityProvider({ name: 'permissions', verify }),
      audienceOf: () => resource,
      resource,
      authorizationServers: ['https://id.example.com'],
      server: { name: 'tests', version: '1.0.0' },
    })
    register(quick)
    const ask = (bearer: string, body: object, session: Record<string, string> = {}): Promise<Response> => {
      const accept = { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream' }
      const headers = { ...accept, ...session, authorization: `Bearer ${bearer}` }
      return quick.fetch(new Request(resource, { method: 'POST', headers, body: JSON.stringify(body) }))
    }
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1.0.0' } }
    const opened = await ask('notes~read', { jsonrpc: '2.0', id: 0, method: 'initialize', params })
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id')! }
    const bearers = ['notes~read', 'notes~write']
    const seen = await Promise.all(
      Array.from({ length: 40 }, async (_, id) => (await ask(bearers[id % 2]!, { ...list, id }, session)).text()),
    )
    expect(seen.map((text) => text.includes('"keep"'))).toEqual(seen.map((_, id) => id % 2 === 1))
    await quick.close()
  })

  test('lists and completes the resources of a template for its user, with the rights of the request', async () => {
    let bearer = await token({ sub: 'fay', scope: 'notes:read' })
    const fay = await connect(() => bearer)
    const complete = async (): Promise<readonly string[]> => {
      const ref = { type: 'ref/resource' as const, uri: 'notes://by/{id}' }
      return (await fay.client.complete({ ref, argument: { name: 'id', value: 'to ' } })).completion.values
    }
    const { resources } = await fay.client.listResources()
    expect(resources.map(({ uri }) => uri)).toContain('notes://by/fay')
    expect(await complete()).toEqual(['to fay notes:read'])
    bearer = await token({ sub: 'fay', scope: 'notes:write' })
    expect(await complete()).toEqual(['to fay notes:write'])
    await fay.client.close()
  })

  test('is one of a number that a user may hold', async () => {
    const bearer = await token({ sub: 'greedy' })
    const held = [await connect(bearer), await connect(bearer), await connect(bearer)]
    await expect(connect(bearer)).rejects.toThrow(/Too many sessions/)
    const other = await connect(await token({ sub: 'modest' }))
    await held[0]!.transport.terminateSession()
    const next = await connect(bearer)
    await Promise.all([...held, next, other].map(({ client }) => client.close()))
  })

  test('does not begin without an initialization', async () => {
    const response = await send('POST', { authorization: `Bearer ${await token()}` }, list)
    expect(response.status).toBe(400)
  })
})

describe('a call', () => {
  test('asks its own user, and hands no token on (AISVS 9.5.4)', async () => {
    const frank = await connect(await token({ sub: 'frank' }))
    frank.client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { yes: true } }))
    expect(textOf(await frank.client.callTool({ name: 'sure' }))).toBe('accept')
    expect(textOf(await frank.client.callTool({ name: 'token' }))).toBe('["withheld",null]')
    await frank.client.close()
  })

  test('of a template or a prompt is made for its user; what is for developers is not shown', async () => {
    const gina = await connect(await token({ sub: 'gina' }))
    expect((await gina.client.readResource({ uri: 'notes://by/7' })).contents[0]).toMatchObject({ text: 'gina 7' })
    const { messages } = await gina.client.getPrompt({ name: 'style', arguments: { style: 'brief' } })
    expect(messages[0]).toMatchObject({ content: { text: 'gina brief' } })
    const misuse = await gina.client.callTool({ name: 'misuse' })
    expect(misuse).toMatchObject({ isError: true, content: [{ text: 'Something went wrong on our side.' }] })
    expect(errors.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_NOT_ISSUED' })
    await gina.client.close()
  })
})

describe('parts for servers of your own', () => {
  test('refuse a token in the words of the SDK', async () => {
    await expect(server.verifier.verifyAccessToken('opaque')).rejects.toMatchObject({ errorCode: 'invalid_token' })
    const { extra, token: handed } = await server.verifier.verifyAccessToken(await token({ sub: 'alice' }))
    expect([(extra!['context'] as UserExecutionContext).userId, handed]).toEqual(['alice', 'withheld'])
  })

  test('serve one user without a token, and no other', async () => {
    const user = vouchForUser('alice', { reason: 'the host starts this process for its user' })
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    const client = new Client({ name: 'host', version: '1.0.0' })
    await Promise.all([server.serverFor(user).connect(ours), client.connect(theirs)])
    expect(textOf(await client.callTool({ name: 'whoami' }))).toContain('alice')
    expect(contexts.at(-1)!.identity.provider).toBe('vouched')
    await client.close()
  })
})
