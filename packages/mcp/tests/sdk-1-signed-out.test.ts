// What a user of SDK 1 who is signed out still gets over a real socket: no result of a task, no progress, no stream.
// AISVS 10.2.6.
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { liveSessions, type LiveSessions } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mcpContexts, type McpContexts } from '../src/sdk-1.ts'
import { newIdentity, tokenOf } from './world.ts'

const secret = 'secret of ada'
let url: URL
let contexts: McpContexts
let sessions: LiveSessions
let store: InMemoryTaskStore
let sent: number
let close: () => Promise<void>

type Extra = {
  readonly taskStore: InMemoryTaskStore
  readonly task: never
  readonly _meta?: { readonly progressToken?: string }
  readonly sendNotification: (notification: object) => Promise<void>
}
const configure = (server: McpServer): void => {
  server.experimental.tasks.registerToolTask(
    'slow',
    { execution: { taskSupport: 'required' } } as never,
    {
      createTask: async ({ taskStore }: Extra) => {
        const task = await taskStore.createTask({ ttl: 60_000 } as never, undefined as never, {} as never)
        return { task }
      },
      getTask: ({ task }: Extra) => task,
      getTaskResult: ({ task }: Extra) => task,
    } as never,
  )
  const told = (async ({ sendNotification, _meta }: Extra) => {
    for (let progress = 1; progress <= 200; progress++) {
      const params = { progressToken: _meta?.progressToken, progress, message: `${secret} ${progress}` }
      await sendNotification({ method: 'notifications/progress', params })
      sent = progress
      await pause(20)
    }
    return { content: [{ type: 'text', text: secret }] }
  }) as never
  server.registerTool('told', {}, told)
}

beforeEach(async () => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)
  sessions = liveSessions({ maxProofMs: 3_600_000 })
  store = new InMemoryTaskStore()
  sent = 0
  const tasks = { requests: { tools: { call: {} } }, list: {}, cancel: {} }
  contexts = mcpContexts({
    identity: newIdentity(url.href, sessions),
    resource: url.href,
    authorizationServers: ['https://id.example.com'],
    server: { name: 'tests', version: '1.0.0' },
    configure,
    serverOptions: { taskStore: store, capabilities: { tasks } },
  } as never)
  http.on('request', (request, response) => void toNodeHandler(contexts)(request as never, response))
  close = async () => {
    store.cleanup()
    await contexts.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
})
afterEach(() => close())

/** A session of ada, and one of another sign-in of hers. */
const openAda = async () => {
  const token = await tokenOf(url.href, { sub: 'ada', sid: 's-1', issuedAtMs: Date.now() - 5000 })
  const send = (body: object | 'GET', session?: string): Promise<Response> =>
    fetch(url, {
      method: body === 'GET' ? 'GET' : 'POST',
      headers: {
        accept: body === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
        ...(body !== 'GET' && { 'content-type': 'application/json' }),
        ...(session !== undefined && { 'mcp-session-id': session }),
      },
      ...(body !== 'GET' && { body: JSON.stringify(body) }),
    })
  const clientInfo = { name: 'raw', version: '1' }
  const opened = await send({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
  })
  await opened.text()
  const session = opened.headers.get('mcp-session-id')!
  const call = (method: string, params: object, id = 1) => send({ jsonrpc: '2.0', id, method, params }, session)
  const signOut = () =>
    sessions.revoke({ user: { namespace: 'https://id.example.com', tenantId: 'acme', userId: 'ada' } })
  return { session, send, call, signOut }
}
const startTask = async (call: (method: string, params: object) => Promise<Response>): Promise<string> => {
  const text = await (await call('tools/call', { name: 'slow', arguments: {}, task: { ttl: 60_000 } })).text()
  return /"taskId":"([^"]+)"/.exec(text)![1]!
}
const finish = (taskId: string) =>
  store.storeTaskResult(taskId, 'completed', { content: [{ type: 'text', text: secret }] } as never)

describe('a user of SDK 1 who is signed out', () => {
  test('gets no result of a task that they started', async () => {
    const { call, signOut } = await openAda()
    const taskId = await startTask(call)
    await finish(taskId)
    expect(await (await call('tasks/result', { taskId })).text()).toContain(secret)
    expect(await signOut()).toBeGreaterThan(0)
    for (const method of ['tasks/result', 'tasks/get', 'tasks/list']) {
      const refused = await call(method, { taskId })
      expect([method, refused.status]).toEqual([method, 401])
      expect(await refused.text()).not.toContain(secret)
    }
  })

  test('gets no result for which they wait', async () => {
    const { call, signOut } = await openAda()
    const taskId = await startTask(call)
    const asks = vi.spyOn(store, 'getTask')
    const waits = call('tasks/result', { taskId })
      .then(async (response) => [response.status, await response.text()])
      .catch(() => ['ended'])
    // It is there, and has found that the task is not done.
    await expect.poll(() => asks.mock.calls.length, { timeout: 20_000 }).toBeGreaterThan(0)
    await signOut()
    await finish(taskId)
    const [status, text = ''] = await waits
    expect(status).not.toBe(401)
    expect(text).not.toContain(secret)
  })

  test('hears no more of the progress of a call, and its stream ends', async () => {
    const { call, signOut } = await openAda()
    const response = await call('tools/call', { name: 'told', arguments: {}, _meta: { progressToken: 'p' } })
    const reader = response.body!.pipeThrough(new TextDecoderStream() as never).getReader()
    let heard = ''
    const read = async (): Promise<void> => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) heard += String(part.value)
    }
    const ended = read().catch(() => undefined)
    await expect.poll(() => heard).toContain(`${secret} 3`)
    await signOut()
    const last = sent
    await Promise.race([ended, pause(20_000).then(() => Promise.reject(new Error('the stream stays open')))])
    expect(Math.max(...[...heard.matchAll(/secret of ada (\d+)/g)].map(([, count]) => Number(count)))).toBeLessThan(
      last + 3,
    )
  })

  test('is told nothing more by the stream of the session, which ends', async () => {
    const { session, send, signOut } = await openAda()
    const response = await send('GET', session)
    expect(response.status).toBe(200)
    const ended = response.text().catch(() => 'ended')
    await pause(50)
    await signOut()
    const text = await Promise.race([
      ended,
      pause(20_000).then(() => Promise.reject(new Error('the stream stays open'))),
    ])
    expect(text).not.toContain('jsonrpc')
  })
})
