// A question of a tool on SDK 1: it waits as long as its call may take, and no longer.
import { afterEach, expect, test, vi } from 'vitest'
import { openSdk1, type Sdk1World } from './sdk-1-world.ts'

const claims = { sub: 'ada' }
const asking = { name: 'ask', arguments: {} }
let outcome = 'not asked'
const open = (limits: object): Sdk1World =>
  openSdk1(
    (contexts) => {
      contexts.registerTool('other', {}, () => 'done')
      contexts.registerTool('ask', {}, async (_scope, _input, call) => {
        outcome = 'asked'
        const requestedSchema = { type: 'object' as const, properties: {} }
        await call.elicit({ mode: 'form', message: 'Sure?', requestedSchema }).then(
          () => (outcome = 'answered'),
          () => (outcome = 'failed'),
        )
        return outcome
      })
    },
    { limits },
  )
afterEach(() => {
  vi.useRealTimers()
  outcome = 'not asked'
})

test('waits longer than the minute of the SDK', async () => {
  const world = open({})
  const session = await world.begin(claims)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const call = world.ask(claims, session, 'tools/call', asking)
  while (outcome === 'not asked') await new Promise((resolve) => setImmediate(resolve))
  await vi.advanceTimersByTimeAsync(200_000)
  expect(outcome).toBe('asked')
  await vi.advanceTimersByTimeAsync(150_000)
  expect(outcome).toBe('failed')
  await call
  await world.contexts.close()
})

test('ends with its call, which gives its place back', async () => {
  const world = open({ callMs: 100, concurrentCalls: 1 })
  const session = await world.begin(claims)
  await world.ask(claims, session, 'tools/call', asking)
  await vi.waitFor(() => expect(outcome).toBe('failed'))
  const other = { name: 'other', arguments: {} }
  expect(await world.ask(claims, session, 'tools/call', other, 2)).toMatchObject({
    result: { content: [{ text: 'done' }] },
  })
  await world.contexts.close()
})
