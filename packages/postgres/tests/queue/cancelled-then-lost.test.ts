// A run that is cancelled while its worker is lost, or is being lost: its end frees one place, and the queue goes on.
import { randomUUID } from 'node:crypto'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunJob, type RunKey } from '@user-execution-context/golden-path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cancelledLeases } from '../../src/migrations/0015-cancelled-leases.ts'
import { endRun, fileRun, newContext, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
beforeEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events'))

const claim = (slots: number) =>
  node.postgres.worker.query(`SELECT * FROM uec.claim($1, $2, 10, 60000, '{}', '{}')`, [randomUUID(), slots])
const loseWorkers = () =>
  runAsAdmin(database.name, `UPDATE uec.jobs SET leased_until = '-infinity' WHERE worker IS NOT NULL`)
const places = () => queryAsAdmin(database.name, 'SELECT waiting, running FROM uec.queue_owners')
const withQueue = async <Result>(use: (queue: ReturnType<typeof node.openQueue>) => Promise<Result>) => {
  const queue = node.openQueue(parseLimits(), { executes: false })
  return use(queue).finally(() => queue.close())
}
const enqueue = async (userId: string): Promise<RunKey & { readonly job: RunJob }> => {
  const job = { context: newContext(userId), input: { text: 'go' } }
  await fileRun(node.eventLog, job)
  await withQueue(async (queue) => queue.enqueue(job))
  return { ownerKey: toOwnerKey(job.context), runId: job.context.runId, job }
}
const cancel = async (key: RunKey): Promise<boolean> => withQueue((queue) => queue.cancel(key, 'user'))
const end = async ({ ownerKey, runId, job }: RunKey & { readonly job: RunJob }) =>
  endRun({ ...job, writer: await node.eventLog.openWriter({ ownerKey, runId }) })

describe('a run that is cancelled and whose worker is lost', () => {
  const lostFirst = async (key: RunKey): Promise<void> => {
    await loseWorkers()
    await claim(0)
    await cancel(key)
  }
  const cancelledFirst = async (key: RunKey): Promise<void> => {
    await cancel(key)
    await loseWorkers()
    await claim(0)
  }

  it.each([
    ['cancelled after it was lost', lostFirst],
    ['cancelled before it was found lost', cancelledFirst],
  ])('frees one place: %s', async (_title, lose) => {
    const [run, other] = [await enqueue('alice'), await enqueue('alice')]
    await claim(2)
    await lose(run)
    // The other run was lost, too, and waits for a worker.
    expect(await places()).toEqual([{ waiting: 1, running: 0 }])
    await claim(2)
    expect(await places()).toEqual([{ waiting: 0, running: 1 }])
    await end(run)
    expect(await places()).toEqual([{ waiting: 0, running: 1 }])
    await end(other)
    expect(await places()).toEqual([{ waiting: 0, running: 0 }])
    expect(await queryAsAdmin(database.name, 'SELECT FROM uec.jobs')).toEqual([])
  })

  it('is lost a second time without a place', async () => {
    const run = await enqueue('alice')
    await claim(1)
    await cancelledFirst(run)
    await loseWorkers()
    await claim(0)
    expect(await places()).toEqual([{ waiting: 0, running: 0 }])
    await end(run)
    expect(await places()).toEqual([{ waiting: 0, running: 0 }])
  })
})

describe('migration 15', () => {
  it('counts again what was counted wrong', async () => {
    const [, cancelled] = [await enqueue('alice'), await enqueue('alice'), await enqueue('bob')]
    await claim(1)
    await runAsAdmin(
      database.name,
      `UPDATE uec.jobs SET cancel_reason = 'user' WHERE run_id = '${cancelled.runId}'`,
      'UPDATE uec.queue_owners SET waiting = 7, running = 5',
      cancelledLeases.sql,
    )
    expect(await queryAsAdmin(database.name, 'SELECT waiting, running FROM uec.queue_owners ORDER BY turn')).toEqual([
      { waiting: 1, running: 0 },
      { waiting: 0, running: 1 },
    ])
    await claim(1)
    expect(await queryAsAdmin(database.name, 'SELECT FROM uec.jobs WHERE worker IS NULL')).toEqual([])
  })
})
