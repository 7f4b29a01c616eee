// What tasks of SDK 1 take of their user: making one, and waiting for what comes of it.
import {
  InMemoryTaskMessageQueue,
  InMemoryTaskStore,
} from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openSdk1, type Answer, type Sdk1World } from './sdk-1-world.ts'

let world: Sdk1World
let store: InMemoryTaskStore
let session: string
let making: (() => void)[] = []
let id = 10
const claims = { sub: 'ada', issuedAtMs: Date.now() - 5000 }

const configure = (server: McpServer): void => {
  const own = (support: string) =>
    [
      { execution: { taskSupport: support } },
      {
        createTask: async ({ taskStore }: { taskStore: InMemoryTaskStore }) => {
          await new Promise<void>((resolve) => making.push(resolve))
          return { task: await taskStore.createTask({ ttl: null } as never, undefined as never, {} as never) }
        },
      },
    ] as never as [never, never]
  server.experimental.tasks.registerToolTask('slow', ...own('required'))
  server.experimental.tasks.registerToolTask('named', ...own('optional')).update({ name: 'renamed' })
  server.experimental.tasks.registerToolTask('polled', ...own('optional'))
}
beforeEach(async () => {
  making = []
  store = new InMemoryTaskStore()
  const tasks = { requests: { tools: { call: {} } }, list: {}, cancel: {} }
  const serverOptions = { taskStore: store, taskMessageQueue: new InMemoryTaskMessageQueue(), capabilities: { tasks } }
  world = openSdk1((contexts) => contexts.registerTool('ours', {}, () => 'done'), {
    configure,
    serverOptions,
    limits: { concurrentCalls: 2 },
  })
  session = await world.begin(claims)
})
afterEach(() => {
  store.cleanup()
  return world.contexts.close()
})

const ask = (method: string, params: object): Promise<Answer> => world.ask(claims, session, method, params, ++id)
const call = (name: string, task?: object): Promise<Answer> =>
  ask('tools/call', { name, arguments: {}, ...(task && { task }) })
const tooMany = /Too many requests/
const makeTask = async (): Promise<string> => {
  const made = call('slow', { ttl: 60_000 })
  await vi.waitFor(() => expect(making).toHaveLength(1))
  making.splice(0)[0]!()
  return ((await made).result as { task: { taskId: string } }).task.taskId
}

describe('tasks of SDK 1', () => {
  test.each([
    ['slow', { ttl: 60_000 }],
    ['polled', undefined],
    ['renamed', undefined],
  ])('count while they are made: %s', async (name, task) => {
    const first = [call(name, task), call(name, task)]
    await vi.waitFor(() => expect(making).toHaveLength(2))
    expect(JSON.stringify(await call(name, task))).toMatch(tooMany)
    expect(JSON.stringify(await call('ours'))).toMatch(tooMany)
    expect(making).toHaveLength(2)
    void Promise.allSettled(first)
  })

  test('count while their results are waited for, and give their places back', async () => {
    const taskId = await makeTask()
    const first = [ask('tasks/result', { taskId }), ask('tasks/result', { taskId })]
    await vi.waitFor(async () => expect(JSON.stringify(await ask('tasks/get', { taskId }))).toMatch(tooMany))
    expect(JSON.stringify(await ask('tasks/result', { taskId }))).toMatch(tooMany)
    await store.storeTaskResult(taskId, 'completed', { content: [] }, session)
    for (const { result } of await Promise.all(first)) expect(result).toMatchObject({ content: [] })
    expect(await call('ours')).toMatchObject({ result: { content: [{ text: 'done' }] } })
  })

  test('are cancelled by a user who has no place left: that gives places back', async () => {
    const taskId = await makeTask()
    const first = [ask('tasks/result', { taskId }), ask('tasks/result', { taskId })]
    await vi.waitFor(async () => expect(JSON.stringify(await ask('tasks/get', { taskId }))).toMatch(tooMany))
    expect(await ask('tasks/cancel', { taskId })).toMatchObject({ result: { taskId, status: 'cancelled' } })
    await Promise.all(first)
    expect(await call('ours')).toMatchObject({ result: { content: [{ text: 'done' }] } })
  })
})
