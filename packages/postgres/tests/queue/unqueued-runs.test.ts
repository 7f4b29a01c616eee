// A run that its process filed and never queued: it was ended between both, and no client asked again.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { openGoldenPath, parseLimits, type RunEvent, type RunJob } from '@user-execution-context/golden-path'
import { postgresEventLog } from '../../src/index.ts'
import { endRun, fileRun, newJob, openNode, toKey } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const limits = parseLimits()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
afterEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events'))

const readRun = async (job: RunJob) =>
  (await node.eventLog.read(toKey(job), { epoch: 1, sequence: 0 }, 100)).events.map(
    ({ text }) => JSON.parse(text) as RunEvent,
  )
/** As if it had been filed so long ago. */
const age = ({ context }: RunJob, ageMs: number) =>
  runAsAdmin(
    database.name,
    `UPDATE uec.runs SET filed_at = now() - interval '${ageMs} milliseconds' WHERE run_id = '${context.runId}'`,
  )
const endUnqueued = async (most = 100): Promise<readonly string[]> => {
  const { rows } = await node.postgres.worker.query<{ readonly run_id: string }>(
    `SELECT run_id FROM uec.end_unqueued('1 minute', '{}', $1)`,
    [most],
  )
  return rows.map(({ run_id: runId }) => runId)
}

describe('a run that was filed and never queued', () => {
  it('is ended by a worker after its time, as any reader and its user are told', async () => {
    const job = newJob('alice')
    const { ownerKey } = toKey(job)
    const told: string[] = []
    // It never looks by itself.
    const eventLog = postgresEventLog({ postgres: node.postgres, wakes: node.wakes, pollMs: 3_600_000 })
    await fileRun(eventLog, job)
    await eventLog.followOwner(ownerKey, ({ runId }) => told.push(runId))
    await eventLog.follow(toKey(job), ({ type }) => told.push(type))
    const queue = node.openQueue(limits, { unqueuedMs: 1_000, eventLog })
    const goldenPath = openGoldenPath({ agent: async function* () {}, eventLog, runQueue: queue, limits })
    await expect.poll(() => told, { timeout: 50_000 }).toHaveLength(3)
    const { threadId, runId, requestId } = job.context
    const ids = { version: 1, epoch: 1, threadId, runId, requestId, timestamp: expect.stringMatching(/^20.*Z$/) }
    expect(await readRun(job)).toEqual([
      { ...ids, sequence: 1, type: 'agent_started', data: { input: { text: '' } } },
      {
        ...{ ...ids, sequence: 2, type: 'agent_failed' },
        data: { code: 'ERR_CONTEXT_WORKER_LOST', message: 'The run was interrupted. Start it again.' },
      },
    ])
    expect(told.sort()).toEqual([runId, 'agent_failed', 'agent_started'].sort())
    await expect(node.eventLog.openWriter(toKey(job))).rejects.toMatchObject({ code: 'ERR_CONTEXT_WRITE_FENCED' })
    expect(await goldenPath.findRun(job.context, runId)).toBeDefined()
    await goldenPath.close()
  })

  it('has its time: one that was filed just now may be queued yet', async () => {
    const [early, late] = [newJob('early'), newJob('late')]
    for (const job of [early, late]) await fileRun(node.eventLog, job)
    await age(early, 10_000)
    await age(late, 61_000)
    expect(await endUnqueued()).toEqual([late.context.runId])
    expect(await readRun(early)).toEqual([])
  })

  it('has its time by the clock of the database: that of the process which filed it may be behind', async () => {
    const { context } = newJob('behind')
    const ids = { threadId: context.threadId, runId: context.runId, requestId: context.requestId }
    await node.eventLog.create({ ownerKey: toOwnerKey(context), ...ids, createdAtMs: Date.now() - 120_000 })
    expect(await endUnqueued()).toEqual([])
  })

  it('is ended once, whoever looks at the same moment', async () => {
    const jobs = Array.from({ length: 20 }, (_, index) => newJob(`many-${index}`))
    for (const job of jobs) await fileRun(node.eventLog, job)
    for (const job of jobs) await age(job, 90_000)
    const ended = (await Promise.all(Array.from({ length: 8 }, () => endUnqueued(7)))).flat()
    ended.push(...(await endUnqueued()))
    expect(ended.sort()).toEqual(jobs.map(({ context }) => context.runId).sort())
    for (const job of jobs)
      expect((await readRun(job)).map(({ type }) => type)).toEqual(['agent_started', 'agent_failed'])
  })

  it('is queued no more by a process that was only slow', async () => {
    const job = newJob('slow')
    await fileRun(node.eventLog, job)
    await age(job, 90_000)
    expect(await endUnqueued()).toEqual([job.context.runId])
    const queue = node.openQueue(limits, { executes: false })
    await expect(queue.enqueue(job)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_NOT_FOUND' })
    await queue.close()
  })
})

describe('a run that has a job, or a writer, or an end', () => {
  it('is left alone, however old it is', async () => {
    const [queued, opened, ended] = [newJob('queued'), newJob('opened'), newJob('ended')]
    for (const job of [queued, opened, ended]) await fileRun(node.eventLog, job)
    const queue = node.openQueue(limits, { executes: false })
    await queue.enqueue(queued)
    await node.eventLog.openWriter(toKey(opened))
    await endRun({ ...ended, writer: await node.eventLog.openWriter(toKey(ended)) })
    for (const job of [queued, opened, ended]) await age(job, 3_600_000)
    expect(await endUnqueued()).toEqual([])
    await queue.close()
  })
})
