// Tasks of SDK 1, in a store that a program gives to all of its servers.
import {
  InMemoryTaskMessageQueue,
  InMemoryTaskStore,
} from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { vouchForUser } from 'user-execution-context/restricted'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSdk1, type Answer, type Sdk1World } from './sdk-1-world.ts'

const secret = 'secret of ada'
let world: Sdk1World
let store: InMemoryTaskStore
let queue: InMemoryTaskMessageQueue

const configure = (server: McpServer): void => {
  server.experimental.tasks.registerToolTask(
    'slow',
    { execution: { taskSupport: 'required' } } as never,
    {
      createTask: async (extra: never) => {
        const { taskStore, taskRequestedTtl } = extra as { taskStore: InMemoryTaskStore; taskRequestedTtl?: number }
        const task = await taskStore.createTask(
          { ttl: taskRequestedTtl ?? null } as never,
          undefined as never,
          {} as never,
        )
        await taskStore.storeTaskResult(task.taskId, 'completed', { content: [{ type: 'text', text: secret }] })
        return { task }
      },
      getTask: (extra: never) => (extra as { task: never }).task,
      getTaskResult: (extra: never) => (extra as { task: never }).task,
    } as never,
  )
}
beforeEach(() => {
  store = new InMemoryTaskStore()
  queue = new InMemoryTaskMessageQueue()
  const tasks = { requests: { tools: { call: {} } }, list: {}, cancel: {} }
  const serverOptions = { taskStore: store, taskMessageQueue: queue, capabilities: { tasks } }
  world = openSdk1(() => undefined, { configure, serverOptions })
})
afterEach(() => {
  store.cleanup()
  return world.contexts.close()
})

type Ask = (method: string, params?: object) => Promise<Answer>

/** A server without a session, as over stdio. */
async function connect(userId: string): Promise<Ask> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const user = vouchForUser(userId, { reason: 'the host starts this process for its user' })
  await world.contexts.serverFor(user).connect(ours)
  await theirs.start()
  let id = 0
  return async (method, params = {}) => {
    const mine = ++id
    const answered = new Promise<Answer>((resolve) => {
      theirs.onmessage = (message) => {
        if ((message as { id?: unknown }).id === mine) resolve(message as Answer)
      }
    })
    await theirs.send({ jsonrpc: '2.0', id: mine, method, params: params as Record<string, unknown> })
    return answered
  }
}
const start = async (ask: Ask): Promise<string> => {
  const { result } = await ask('tools/call', { name: 'slow', arguments: {}, task: { ttl: 60_000 } })
  return (result as { task: { taskId: string } }).task.taskId
}

describe('a task', () => {
  test('of a user without a session is none to another user, to read, list or cancel', async () => {
    const [ada, bob] = [await connect('ada'), await connect('bob')]
    const taskId = await start(ada)
    const answers = [
      await bob('tasks/get', { taskId }),
      await bob('tasks/result', { taskId }),
      await bob('tasks/cancel', { taskId }),
    ]
    for (const answer of answers) expect(answer).toMatchObject({ error: { code: -32602 } })
    expect(await bob('tasks/list')).toMatchObject({ result: { tasks: [] } })
    expect(JSON.stringify(await ada('tasks/result', { taskId }))).toContain(secret)
    expect(await ada('tasks/list')).toMatchObject({ result: { tasks: [{ taskId }] } })
    // Another connection of the same user is the same user.
    expect(JSON.stringify(await (await connect('ada'))('tasks/result', { taskId }))).toContain(secret)
  })

  test('of a user without a session is none in a session of another', async () => {
    const taskId = await start(await connect('ada'))
    const session = await world.begin({ sub: 'bob' })
    const ask = (method: string, params = {}): Promise<Answer> => world.ask({ sub: 'bob' }, session, method, params)
    expect(await ask('tasks/list')).toMatchObject({ result: { tasks: [] } })
    expect(await ask('tasks/result', { taskId })).toMatchObject({ error: { code: -32602 } })
  })

  test('of a session is none in a session of another user, nor without one', async () => {
    const claims = { sub: 'ada' }
    const session = await world.begin(claims)
    const taskId = await start((method, params) => world.ask(claims, session, method, params))
    expect(JSON.stringify(await world.ask(claims, session, 'tasks/result', { taskId }))).toContain(secret)
    const other = await world.begin({ sub: 'bob' })
    expect(await world.ask({ sub: 'bob' }, other, 'tasks/result', { taskId })).toMatchObject({
      error: { code: -32602 },
    })
    expect(await (await connect('bob'))('tasks/result', { taskId })).toMatchObject({ error: { code: -32602 } })
  })

  test('of one user gets no message of another into its result', async () => {
    const [ada, bob] = [await connect('ada'), await connect('bob')]
    const taskId = await start(ada)
    const related = { _meta: { 'io.modelcontextprotocol/related-task': { taskId } } }
    // The answer of this one goes to the queue of the task that it names.
    void bob('ping', related)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await queue.dequeueAll(taskId)).toEqual([])
    expect(JSON.stringify(await ada('tasks/result', { taskId }))).toContain(secret)
  })
})
