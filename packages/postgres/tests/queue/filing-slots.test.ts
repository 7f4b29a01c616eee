// The slot that a worker keeps for a run while its process files it: given back whatever comes of it.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunQueue } from '@user-execution-context/golden-path'
import { endRun, newContext, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
afterEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events, uec.start_keys'))

const countJobs = async (condition: string): Promise<number> =>
  (await queryAsAdmin(database.name, `SELECT FROM uec.jobs WHERE ${condition}`)).length

/** A pool of a worker whose answer to each run that it files is lost, once something was done. */
const losingAnswers = (before: () => Promise<unknown>) => {
  const { worker } = node.postgres
  const query = async (statement: { readonly name?: string }, ...rest: unknown[]): Promise<unknown> => {
    const answer = await (worker.query as Function)(statement, ...rest)
    if (statement.name !== 'uec-file-run') return answer
    await before()
    throw new Error('Connection terminated unexpectedly')
  }
  const pool = new Proxy(worker, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) })
  return { postgres: { ...node.postgres, worker: pool } }
}

/** Waits until the worker of a queue has claimed once, and so knows that nobody waits. */
const open = async (concurrentRuns: number, more: Parameters<typeof node.openQueue>[1] = {}) => {
  const queue = node.openQueue(parseLimits({ concurrentRuns }), more)
  const started: string[] = []
  queue.process(async (job) => {
    started.push(job.context.userId)
    await endRun(job)
  })
  await (await fileElsewhere('first')).close()
  await expect.poll(() => started).toEqual(['first'])
  await expect.poll(() => countJobs('true')).toBe(0)
  return { queue, started }
}
/** So that nothing of it is the worker's before it claims. */
const fileElsewhere = async (userId: string): Promise<RunQueue> => {
  const queue = node.openQueue(parseLimits(), { executes: false })
  await queue.fileAndEnqueue!(newJob(userId))
  return queue
}

describe('the slot of a run that is being filed', () => {
  it('is free again where the run is there', async () => {
    const { queue, started } = await open(1)
    const job = newJob('alice')
    await queue.fileAndEnqueue!(job)
    await expect.poll(() => started).toHaveLength(2)
    await expect.poll(() => countJobs('true')).toBe(0)
    await expect(queue.fileAndEnqueue!(job)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_EXISTS' })
    await queue.fileAndEnqueue!(newJob('bob'))
    await expect.poll(() => started).toEqual(['first', 'alice', 'bob'])
    await queue.close()
  })

  it('is free again where the key of the start has another input', async () => {
    const { queue, started } = await open(1)
    const key = { ownerKey: toOwnerKey(newContext('alice')), digest: 'key', inputDigest: 'input' }
    await queue.fileAndEnqueue!(newJob('alice'), undefined, key)
    await expect.poll(() => started).toHaveLength(2)
    await expect.poll(() => countJobs('true')).toBe(0)
    const reused = await queue.fileAndEnqueue!(newJob('alice'), undefined, { ...key, inputDigest: 'other' })
    expect(reused).toEqual({ state: 'reused' })
    await queue.fileAndEnqueue!(newJob('bob'))
    await expect.poll(() => started).toEqual(['first', 'alice', 'bob'])
    await queue.close()
  })

  it('is not taken by a worker that drains, or that closes meanwhile', async () => {
    const draining = await open(10)
    draining.queue.drain!()
    await draining.queue.fileAndEnqueue!(newJob('alice'))
    expect(await countJobs('worker IS NULL')).toBe(1)
    await draining.queue.close()
    await runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners')
    const closing = await open(10)
    const filed = closing.queue.fileAndEnqueue!(newJob('alice'))
    await Promise.all([filed, closing.queue.close()])
    expect(await countJobs('worker IS NULL')).toBe(1)
  })

  it('is given back by a worker that closes while it is not known whether the run is there', async () => {
    let close!: () => void
    const closed = new Promise<void>((resolve) => (close = resolve))
    const { queue } = await open(
      10,
      losingAnswers(() => closed),
    )
    const filed = queue.fileAndEnqueue!(newJob('alice'))
    await expect.poll(() => countJobs('worker IS NOT NULL')).toBe(1)
    const closing = queue.close()
    // It waits for the answer: without that, it would be over by now, and have given nothing back.
    await Promise.race([closing, pause(500)])
    close()
    await expect(filed).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    await closing
    expect(await countJobs('worker IS NULL')).toBe(1)
  })
})
