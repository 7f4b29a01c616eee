// A lease that is shorter than the time between two polls: who has a run says that it lives in time all the same.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseLimits } from '@user-execution-context/golden-path'
import { endRun, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

it('is renewed between two polls, and its run stays with one worker', async () => {
  let calls = 0
  const options = { leaseMs: 1_500, pollMs: 60_000 }
  const worker = node.openQueue(parseLimits(), options)
  worker.process(async (job) => {
    calls++
    await pause(6_000)
    await endRun(job)
  })
  // It takes what the first one has lost.
  const other = node.openQueue(parseLimits(), { ...options, pollMs: 50 })
  other.process(async () => void calls++)
  await worker.fileAndEnqueue!(newJob())
  const ends = `SELECT FROM uec.events WHERE type = 'agent_completed'`
  await expect.poll(async () => (await queryAsAdmin(database.name, ends)).length, { timeout: 20_000 }).toBe(1)
  expect(calls).toBe(1)
  await Promise.all([worker.close(), other.close()])
}, 40_000)
