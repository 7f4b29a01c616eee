// Jobs whose sealed contexts were changed for one another, by whoever can write to the table: neither is executed.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createForUser, newThreadId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { parseLimits, type RunJob } from '@user-execution-context/golden-path'
import { fileRun, openNode, toKey } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
beforeEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events'))

it.each([
  ['two users', 'bob', undefined],
  ['one user', 'alice', undefined],
  // The run alone tells them apart.
  ['one user in one thread', 'alice', newThreadId()],
])('of %s end as contexts that do not open, and no worker is given one', async (_title, other, threadId) => {
  const filing = node.openQueue(parseLimits(), { executes: false })
  const jobs: readonly RunJob[] = ['alice', other].map((userId) => {
    const proof = vouchForUser(userId, { reason: 'tests of swapped jobs' })
    return { context: createForUser(proof, threadId && { threadId }), input: { text: 'go' } }
  })
  for (const job of jobs) {
    await fileRun(node.eventLog, job)
    await filing.enqueue(job)
  }
  await filing.close()
  await runAsAdmin(
    database.name,
    `UPDATE uec.jobs AS j SET sealed_context = o.sealed_context FROM uec.jobs AS o WHERE o.run_id <> j.run_id`,
  )
  const given: string[] = []
  const told: unknown[] = []
  const onError = (error: unknown): void => void told.push((error as { readonly code?: unknown }).code)
  const queue = node.openQueue(parseLimits(), { pollMs: 20, onError })
  queue.process(async ({ context }) => void given.push(context.userId))
  const endOf = async (job: RunJob): Promise<unknown> => {
    const { events } = await node.eventLog.read(toKey(job), { epoch: 1, sequence: 0 }, 10)
    const { type, text } = events.at(-1) ?? { type: undefined, text: '{}' }
    return [type, (JSON.parse(text) as { readonly data?: { readonly code?: string } }).data?.code]
  }
  for (const job of jobs)
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toEqual(['agent_failed', expect.stringMatching(/_SEAL_/)])
  await queue.close()
  expect(given).toEqual([])
  // The operator hears of it, too.
  expect(told).toEqual([expect.stringMatching(/_SEAL_/), expect.stringMatching(/_SEAL_/)])
  expect(await queryAsAdmin(database.name, 'SELECT FROM uec.jobs')).toEqual([])
})
