// The slot that a worker keeps for a run while its process files it: given back whatever comes of it.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunQueue } from '@user-execution-context/golden-path'
import { endRun, newContext, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

/** Behind a pooler and on a busy machine a statement takes its time. */
const eventually = (ask: () => unknown) => expect.poll(ask, { timeout: 20_000 })

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
afterEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events, uec.start_keys'))

const countJobs = async (condition: string): Promise<number> =>
  (await queryAsAdmin(database.name, `SELECT FROM uec.jobs WHERE ${condition}`)).length

type Statement = { readonly name?: string; readonly values?: readonly unknown[] }
/** A pool of a worker, with something in place of how it asks. */
const asking = (query: (statement: Statement, ask: () => Promise<unknown>) => Promise<unknown>) => {
  const { worker } = node.postgres
  const ask = (statement: Statement, ...rest: unknown[]): Promise<unknown> =>
    query(statement, () => (worker.query as Function)(statement, ...rest) as Promise<unknown>)
  const pool = new Proxy(worker, { get: (target, key) => (key === 'query' ? ask : Reflect.get(target, key)) })
  return { postgres: { ...node.postgres, worker: pool } }
}

/** A pool of a worker whose answer to each run that it files is lost, once something was done. */
const losingAnswers = (before: () => Promise<unknown>) =>
  asking(async ({ name }, ask) => {
    const answer = await ask()
    if (name !== 'uec-file-run') return answer
    await before()
    throw new Error('Connection terminated unexpectedly')
  })

/** Waits until the worker of a queue has claimed once, and so knows that nobody waits. */
const open = async (concurrentRuns: number, more: Parameters<typeof node.openQueue>[1] = {}) => {
  const queue = node.openQueue(parseLimits({ concurrentRuns }), more)
  const started: string[] = []
  queue.process(async (job) => {
    started.push(job.context.userId)
    await endRun(job)
  })
  await (await fileElsewhere('first')).close()
  await eventually(() => started).toEqual(['first'])
  await eventually(() => countJobs('true')).toBe(0)
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
    await eventually(() => started).toHaveLength(2)
    await eventually(() => countJobs('true')).toBe(0)
    await expect(queue.fileAndEnqueue!(job)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_EXISTS' })
    await queue.fileAndEnqueue!(newJob('bob'))
    await eventually(() => started).toEqual(['first', 'alice', 'bob'])
    await queue.close()
  })

  it('is free again where the key of the start has another input', async () => {
    const { queue, started } = await open(1)
    const key = { ownerKey: toOwnerKey(newContext('alice')), digest: 'key', inputDigest: 'input' }
    await queue.fileAndEnqueue!(newJob('alice'), undefined, key)
    await eventually(() => started).toHaveLength(2)
    await eventually(() => countJobs('true')).toBe(0)
    const reused = await queue.fileAndEnqueue!(newJob('alice'), undefined, { ...key, inputDigest: 'other' })
    expect(reused).toEqual({ state: 'reused' })
    await queue.fileAndEnqueue!(newJob('bob'))
    await eventually(() => started).toEqual(['first', 'alice', 'bob'])
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
    await eventually(() => countJobs('worker IS NOT NULL')).toBe(1)
    const closing = queue.close()
    // It waits for the answer: without that, it would be over by now, and have given nothing back.
    await Promise.race([closing, pause(500)])
    close()
    await expect(filed).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    await closing
    expect(await countJobs('worker IS NULL')).toBe(1)
  })

  it('is no slot for a claim meanwhile, and those who wait are told when it is free', async () => {
    const slots: unknown[] = []
    let isIdle = false
    let isHeld = false
    let release!: () => void
    const released = new Promise<void>((resolve) => (release = resolve))
    const watched = asking(async (statement, ask) => {
      if (statement.name === 'uec-claim' && isHeld) slots.push(statement.values![1])
      if (statement.name === 'uec-file-run' && isHeld) await released
      const answer = (await ask()) as { readonly rows: readonly { readonly kind?: string }[] }
      // The worker knows that nobody waits.
      if (statement.name === 'uec-claim')
        isIdle = answer.rows.filter(({ kind }) => kind === 'claimed').length < Number(statement.values![1])
      return answer
    })
    // It looks when it is told, and by no poll.
    const { queue, started } = await open(1, { ...watched, pollMs: 86_400_000 })
    const key = { ownerKey: toOwnerKey(newContext('alice')), digest: 'key', inputDigest: 'input' }
    await queue.fileAndEnqueue!(newJob('alice'), undefined, key)
    await eventually(() => started).toEqual(['first', 'alice'])
    await eventually(() => countJobs('true')).toBe(0)
    await eventually(() => isIdle).toBe(true)
    isHeld = true
    const reused = queue.fileAndEnqueue!(newJob('alice'), undefined, { ...key, inputDigest: 'other' })
    await (await fileElsewhere('bob')).close()
    await eventually(() => slots.length).toBeGreaterThan(0)
    expect(new Set(slots)).toEqual(new Set([0]))
    isHeld = false
    release()
    expect(await reused).toEqual({ state: 'reused' })
    await eventually(() => started.at(-1)).toBe('bob')
    await queue.close()
  })

  it('is taken once for a run, however often its process files that', async () => {
    let claims = 0
    let isFirst = false
    let release!: () => void
    const released = new Promise<void>((resolve) => (release = resolve))
    const watched = asking(async (statement, ask) => {
      const answer = await ask()
      if (statement.name === 'uec-claim') claims++
      if (statement.name === 'uec-file-run' && isFirst) {
        isFirst = false
        await released
      }
      return answer
    })
    const { queue, started } = await open(10, { ...watched, pollMs: 20 })
    const idle = claims
    await eventually(() => claims).toBeGreaterThan(idle + 1)
    isFirst = true
    const job = newJob('alice')
    const filed = queue.fileAndEnqueue!(job)
    await eventually(() => countJobs('worker IS NOT NULL')).toBe(1)
    await expect(queue.fileAndEnqueue!(job)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_EXISTS' })
    // A claim of the worker sees the job, and takes it for nobody's unless it is known to be filed here.
    const before = claims
    await eventually(() => claims).toBeGreaterThan(before + 2)
    release()
    await filed
    await eventually(() => started).toEqual(['first', 'alice'])
    await queue.close()
    const runs = await queryAsAdmin(database.name, 'SELECT cardinality(epoch_starts) AS epochs FROM uec.runs')
    expect(runs).toEqual([{ epochs: 1 }, { epochs: 1 }])
  })
})
