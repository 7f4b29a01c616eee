// A worker whose registry hears of no sign-out: it ends no run for that. Their turn comes when it hears again.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { liveSessions, type LiveSessions, type RevocationListener } from 'user-execution-context'
import { parseLimits, type RunJob } from '@user-execution-context/golden-path'
import { closeAfterEach } from '../close-after-each.ts'
import { endRun, fileRun, newJob, openNode, toKey } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
beforeEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events'))

const open = closeAfterEach()

/** A registry whose feed says something when it is told to. */
const openSilent = ({ staleAfterMs = 3_600_000 } = {}) => {
  let listener: RevocationListener | undefined
  const follow = (given: RevocationListener) => {
    listener = given
    return () => {}
  }
  const store = { write: async () => {}, follow }
  const sessions = liveSessions({ maxProofMs: 3_600_000, staleAfterMs, store })
  return { sessions, hear: () => listener!.heard() }
}

const limits = parseLimits()
const openWorker = (sessions: LiveSessions, more: Parameters<typeof node.openQueue>[1] = {}) => {
  const queue = open(node.openQueue(limits, { sessions, pollMs: 20, ...more }))
  queue.process(endRun)
  return queue
}
const enqueue = async (job: RunJob): Promise<void> => {
  await fileRun(node.eventLog, job)
  const queue = node.openQueue(limits, { executes: false })
  await queue.enqueue(job)
  await queue.close()
}
/** Queues a job for a worker whose registry falls silent after the claim, before the job is opened. */
const enqueueFor = async (sessions: LiveSessions, hear: () => void) => {
  const job = newJob()
  await enqueue(job)
  // What a claim brought is told of before it is opened.
  const wake: typeof node.eventLog.wake = (topics) => {
    node.eventLog.wake(topics)
    const untilMs = performance.now() + 150
    while (performance.now() < untilMs);
  }
  hear()
  const queue = openWorker(sessions, { eventLog: { ...node.eventLog, wake } })
  const findClaimed = async () => (await queryAsAdmin(database.name, 'SELECT FROM uec.jobs WHERE attempts > 0')).length
  return { job, queue, claimed: () => expect.poll(findClaimed, { timeout: 20_000 }).toBe(1) }
}
const epochs = () => queryAsAdmin(database.name, 'SELECT cardinality(epoch_starts) AS epochs FROM uec.runs')
const endOf = async (job: RunJob): Promise<string | undefined> =>
  (await node.eventLog.read(toKey(job), { epoch: 1, sequence: 0 }, 100)).events.at(-1)?.text
/** Longer than a worker takes from a poll to an end, many times over. */
const someRounds = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500))

describe('a worker whose registry has not heard for too long', () => {
  it('takes no job, and takes it once it hears again', async () => {
    const { sessions, hear } = openSilent()
    const job = newJob()
    await enqueue(job)
    openWorker(sessions)
    await someRounds()
    expect(await queryAsAdmin(database.name, 'SELECT worker, attempts FROM uec.jobs')).toEqual([
      { worker: null, attempts: 0 },
    ])
    hear()
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toContain('agent_completed')
  })

  it('queues what its process starts, for a worker that hears', async () => {
    const { sessions, hear } = openSilent()
    hear()
    const queue = openWorker(sessions)
    await someRounds()
    sessions.close()
    const job = newJob()
    await queue.fileAndEnqueue!(job)
    await someRounds()
    openWorker(node.sessions)
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toContain('agent_completed')
    expect(await epochs()).toEqual([{ epochs: 1 }])
  })

  it('keeps a job that it took a moment before, and does it once it hears again', async () => {
    const { sessions, hear } = openSilent({ staleAfterMs: 100 })
    const { job, claimed } = await enqueueFor(sessions, hear)
    await claimed()
    await someRounds()
    const hearing = setInterval(hear, 20)
    open({ close: () => clearInterval(hearing) })
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toContain('agent_completed')
    expect(await epochs()).toEqual([{ epochs: 1 }])
  })

  it('ends a job that it keeps when it is cancelled', async () => {
    const { sessions, hear } = openSilent({ staleAfterMs: 100 })
    const { job, claimed, queue } = await enqueueFor(sessions, hear)
    await claimed()
    await queue.cancel(toKey(job), 'user')
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toContain('"reason":"user"')
  })

  it('hands a job that it keeps to another worker when it stops', async () => {
    const { sessions, hear } = openSilent({ staleAfterMs: 100 })
    const { job, claimed, queue } = await enqueueFor(sessions, hear)
    await claimed()
    await queue.close({ handsOn: true })
    openWorker(node.sessions)
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toContain('agent_completed')
  })

  it('says of a job that it keeps that the process was stopped', async () => {
    const { sessions, hear } = openSilent({ staleAfterMs: 100 })
    const { job, claimed, queue } = await enqueueFor(sessions, hear)
    await claimed()
    await queue.close()
    expect(await endOf(job)).toContain('ERR_CONTEXT_RUN_DRAINED')
  })

  it('ends what was cancelled while it waited, as cancelled', async () => {
    const { sessions } = openSilent()
    const job = newJob()
    await enqueue(job)
    await open(node.openQueue(limits, { executes: false })).cancel(toKey(job), 'user')
    openWorker(sessions)
    await expect.poll(() => endOf(job), { timeout: 20_000 }).toContain('"reason":"user"')
    expect(await endOf(job)).toContain('agent_cancelled')
  })
})
