// A node or a connection that is gone in the middle of a start, or of a claim.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseLimits, type RunJob } from '@user-execution-context/golden-path'
import { postgresStartKeys } from '../../src/index.ts'
import { endRun, fileRun, newJob, openNode, toKey } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const limits = parseLimits()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
afterEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events, uec.start_keys'))

const toRecord = (job: RunJob) => ({ ...job.context, ...toKey(job), createdAtMs: 1 }) as never
const startKey = { ownerKey: toKey(newJob()).ownerKey, digest: 'digest', inputDigest: 'input' }
const openKeys = () => postgresStartKeys({ postgres: node.postgres, limits, decideMs: 100 })
const openQueue = () => node.openQueue(limits, { executes: false })

describe('a start whose node is lost', () => {
  it('before it queued the run, leaves no run that nobody ends', async () => {
    const [lost, next] = [newJob(), newJob()]
    await openKeys().claim(startKey, toRecord(lost))
    await fileRun(node.eventLog, lost)
    expect(await openKeys().claim(startKey, toRecord(next))).toEqual({ state: 'claimed' })
    expect(await node.eventLog.find(toKey(lost))).toBeUndefined()
  })

  it('before it said that the run is queued, is found by its key when the run has ended meanwhile', async () => {
    const job = newJob()
    await openKeys().claim(startKey, toRecord(job))
    await fileRun(node.eventLog, job)
    const queue = node.openQueue(limits, { pollMs: 20 })
    const ended = new Promise<void>((resolve) => queue.process((given) => endRun(given).then(resolve)))
    await queue.enqueue(job)
    await ended
    expect(await openKeys().claim(startKey, toRecord(newJob()))).toMatchObject({ state: 'started' })
    await queue.close()
  })
})

describe('a start whose answer is lost, and that is taken back', () => {
  it('keeps a run that is queued, and its key', async () => {
    const job = newJob()
    const keys = openKeys()
    await keys.claim(startKey, toRecord(job))
    await fileRun(node.eventLog, job)
    await openQueue().enqueue(job)
    await node.eventLog.discard(toKey(job))
    await keys.release(startKey, toRecord(job))
    expect(await node.eventLog.find(toKey(job))).toMatchObject({ runId: job.context.runId })
    expect(await keys.claim(startKey, toRecord(newJob()))).toMatchObject({
      state: 'started',
      run: { runId: job.context.runId },
    })
  })
})

describe('a run that was taken back before it is queued', () => {
  it('is not queued, and takes no place of its user', async () => {
    const [gone, kept] = [newJob(), newJob()]
    await expect(openQueue().enqueue(gone)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_NOT_FOUND' })
    await fileRun(node.eventLog, kept)
    const one = node.openQueue(parseLimits({ queuedRunsPerUser: 1 }), { executes: false })
    await one.enqueue(kept)
  })
})

describe('a claim whose answer is lost', () => {
  it('leaves its run to the next claim: the worker does not hold what it does not know of', async () => {
    const { worker } = node.postgres
    let isLost = false
    const query = async (...given: Parameters<typeof worker.query>) => {
      const answer = (await (worker.query as Function)(...given)) as { rows?: { kind?: string }[] }
      if (isLost || !answer.rows?.some(({ kind }) => kind === 'claimed')) return answer
      isLost = true
      throw new Error('Connection terminated unexpectedly')
    }
    const pool = new Proxy(worker, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) })
    const queue = node.openQueue(limits, { pollMs: 20, postgres: { ...node.postgres, worker: pool } })
    const ended = new Promise<void>((resolve) => queue.process((given) => endRun(given).then(resolve)))
    const job = newJob()
    await fileRun(node.eventLog, job)
    await queue.enqueue(job)
    await ended
    expect(isLost).toBe(true)
    await queue.close()
  })
})
