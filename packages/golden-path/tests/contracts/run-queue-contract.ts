// What every run queue must do. An implementation runs this suite with a maker of its own.
import { afterEach, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type Limits, type RunCancellation, type RunJob, type RunQueue } from '../../src/index.ts'
import { RunCancelled } from '../../src/index.ts'
import { newContext } from '../phases/run-agent.ts'

const newJob = (userId: string): RunJob => ({ context: newContext(userId), input: { text: 'go' } })
const toKey = ({ context }: RunJob) => ({ ownerKey: toOwnerKey(context), runId: context.runId })
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

type Started = { readonly job: RunJob; readonly cancellation: RunCancellation; readonly end: () => void }
/** A port may throw at once or reject later. */
const attempt = async (call: () => unknown): Promise<unknown> => call()

export const describeRunQueue = (name: string, openQueue: (limits: Limits) => RunQueue | Promise<RunQueue>): void => {
  describe(`${name} keeps the contract of a run queue`, () => {
    const opened: { readonly queue: RunQueue; readonly started: Started[] }[] = []
    const open = async (changes: Partial<Limits> = {}) => {
      const queue = await openQueue(parseLimits(changes))
      const started: Started[] = []
      queue.process(
        (job, cancellation) =>
          new Promise((end) => {
            started.push({ job, cancellation, end })
            cancellation.whenCancelled(() => end())
          }),
      )
      opened.push({ queue, started })
      return { queue, started }
    }
    const users = (started: readonly Started[]): readonly string[] => started.map(({ job }) => job.context.userId)
    afterEach(async () => {
      for (const { queue } of opened.splice(0)) await queue.close()
    })

    it('says that a job is queued before it answers, and hands it to the worker as it was given', async () => {
      const { queue, started } = await open()
      const job = newJob('alice')
      let startedBefore: number | undefined
      await queue.enqueue(job, () => (startedBefore = started.length))
      expect(startedBefore).toBe(0)
      await settled()
      expect(started[0]?.job.context).toBe(job.context)
      expect(started[0]?.job.input).toEqual({ text: 'go' })
    })

    it('executes nothing of a job before its onQueued has answered, also when that enqueues another', async () => {
      const { queue, started } = await open()
      const job = newJob('alice')
      let inner: unknown
      let isStarted: boolean | undefined
      await queue.enqueue(job, () => {
        inner = queue.enqueue(newJob('bob'))
        isStarted = started.some((each) => each.job === job)
      })
      await inner
      expect(isStarted).toBe(false)
      await settled()
      expect(users(started).toSorted()).toEqual(['alice', 'bob'])
    })

    it('hands a job to the worker once when its own onQueued cancels it, after that has answered', async () => {
      const { queue, started } = await open()
      const job = newJob('alice')
      let startedBefore: number | undefined
      let cancelled: Promise<boolean> | undefined
      await queue.enqueue(job, () => {
        cancelled = queue.cancel(toKey(job), 'user')
        startedBefore = started.length
      })
      expect(startedBefore).toBe(0)
      expect(await cancelled).toBe(true)
      await settled()
      expect(started).toHaveLength(1)
      expect(started[0]?.cancellation.cancelled).toMatchObject({ reason: 'user' })
    })

    it('does not say of a job that it refuses that it is queued', async () => {
      const { queue } = await open({ concurrentRuns: 1, queuedRunsPerUser: 1 })
      for (const user of ['busy', 'alice']) await queue.enqueue(newJob(user))
      await settled()
      let isQueued = false
      await expect(attempt(() => queue.enqueue(newJob('alice'), () => (isQueued = true)))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOO_MANY_RUNS',
      })
      expect(isQueued).toBe(false)
    })

    it('runs at most concurrentRunsPerUser jobs of a user, in the order of their arrival', async () => {
      const { queue, started } = await open({ concurrentRunsPerUser: 2 })
      const jobs = [newJob('alice'), newJob('alice'), newJob('alice')]
      for (const job of jobs) await queue.enqueue(job)
      await settled()
      expect(started.map(({ job }) => job)).toEqual(jobs.slice(0, 2))
      started[0]!.end()
      await settled()
      expect(started.map(({ job }) => job)).toEqual(jobs)
    })

    it('runs at most concurrentRuns jobs of all users', async () => {
      const { queue, started } = await open({ concurrentRuns: 3 })
      for (const user of ['a', 'b', 'c', 'd']) await queue.enqueue(newJob(user))
      await settled()
      expect(users(started)).toEqual(['a', 'b', 'c'])
      started[1]!.end()
      await settled()
      expect(users(started)).toEqual(['a', 'b', 'c', 'd'])
    })

    it("delays another user's first run by at most one run when one user has 100 waiting", async () => {
      const { queue, started } = await open({ concurrentRuns: 1, queuedRunsPerUser: 101 })
      for (let index = 0; index < 101; index++) await queue.enqueue(newJob('alice'))
      await settled()
      await queue.enqueue(newJob('bob'))
      expect(users(started)).toEqual(['alice'])
      started[0]!.end()
      await settled()
      expect(users(started)).toEqual(['alice', 'bob'])
    })

    it('takes turns between users who wait', async () => {
      const { queue, started } = await open({ concurrentRuns: 1 })
      for (const user of ['a', 'a', 'a', 'b', 'b', 'c']) await queue.enqueue(newJob(user))
      for (let turn = 0; turn < 6; turn++) {
        await settled()
        started[turn]!.end()
      }
      expect(users(started)).toEqual(['a', 'b', 'c', 'a', 'b', 'a'])
    })

    it('takes queuedRunsPerUser jobs of a user and refuses the next, naming the limit', async () => {
      const { queue } = await open({ concurrentRuns: 1, queuedRunsPerUser: 2 })
      for (const user of ['busy', 'alice', 'alice']) await queue.enqueue(newJob(user))
      await settled()
      await expect(attempt(() => queue.enqueue(newJob('alice')))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOO_MANY_RUNS',
        issues: [{ path: 'limits.queuedRunsPerUser' }],
      })
      await queue.enqueue(newJob('bob'))
    })

    it('takes queuedRuns jobs of all users and refuses the next, naming the limit', async () => {
      const { queue } = await open({ concurrentRuns: 1, queuedRuns: 2 })
      await queue.enqueue(newJob('busy'))
      await settled()
      for (const user of ['alice', 'bob']) await queue.enqueue(newJob(user))
      await expect(attempt(() => queue.enqueue(newJob('carol')))).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOO_MANY_RUNS',
        issues: [{ path: 'limits.queuedRuns' }],
      })
    })

    it("cancels a running job with the reason, and another's not", async () => {
      const { queue, started } = await open()
      const [own, other] = [newJob('alice'), newJob('alice')]
      await queue.enqueue(own)
      await queue.enqueue(other)
      await settled()
      expect(await queue.cancel(toKey(own), 'user')).toBe(true)
      await settled()
      expect(started[0]!.cancellation.cancelled).toBeInstanceOf(RunCancelled)
      expect(started[0]!.cancellation.cancelled).toMatchObject({ reason: 'user' })
      expect(started[1]!.cancellation.cancelled).toBeUndefined()
    })

    it('hands a waiting job to the worker cancelled when it is, so that its end is written', async () => {
      const { queue, started } = await open({ concurrentRuns: 1 })
      const [busy, waiting] = [newJob('alice'), newJob('alice')]
      await queue.enqueue(busy)
      await queue.enqueue(waiting)
      await settled()
      expect(await queue.cancel(toKey(waiting), 'user')).toBe(true)
      await settled()
      expect(started[1]?.job).toBe(waiting)
      expect(started[1]?.cancellation.cancelled).toBeInstanceOf(RunCancelled)
      started[0]!.end()
      await settled()
      expect(started).toHaveLength(2)
    })

    it('cancels nothing for another owner, for an unknown run, and for a run that has ended', async () => {
      const { queue, started } = await open()
      const job = newJob('alice')
      await queue.enqueue(job)
      await settled()
      expect(await queue.cancel({ ...toKey(job), ownerKey: 'bob' }, 'user')).toBe(false)
      expect(await queue.cancel(toKey(newJob('alice')), 'user')).toBe(false)
      started[0]!.end()
      await settled()
      expect(await queue.cancel(toKey(job), 'user')).toBe(false)
    })

    it('frees the slot of a worker that rejects', async () => {
      const queue = await openQueue(parseLimits({ concurrentRuns: 1 }))
      const seen: string[] = []
      queue.process(async ({ context }) => {
        seen.push(context.userId)
        throw new Error('a worker must not reject')
      })
      opened.push({ queue, started: [] })
      await queue.enqueue(newJob('alice'))
      await queue.enqueue(newJob('bob'))
      await settled()
      expect(seen).toEqual(['alice', 'bob'])
    })

    it('waits at close for a job whose worker is being called, and for one that is being queued', async () => {
      for (const isWorker of [true, false]) {
        const queue = await openQueue(parseLimits())
        opened.push({ queue, started: [] })
        const order: string[] = []
        let closing: Promise<unknown> | undefined
        const close = (): void => void (closing ??= queue.close().then(() => order.push('closed')))
        queue.process(async () => {
          if (isWorker) close()
          await settled()
          order.push('done')
        })
        await queue.enqueue(newJob('alice'), isWorker ? undefined : close)
        await settled()
        await closing
        expect(order).toEqual(['done', 'closed'])
      }
    })

    it('cancels all at close, waits for their ends and takes no more', async () => {
      const { queue, started } = await open({ concurrentRuns: 1 })
      await queue.enqueue(newJob('alice'))
      await queue.enqueue(newJob('alice'))
      await settled()
      await queue.close()
      expect(started.map(({ cancellation }) => cancellation.cancelled)).toMatchObject([
        { reason: 'shutdown' },
        { reason: 'shutdown' },
      ])
      await expect(attempt(() => queue.enqueue(newJob('alice')))).rejects.toMatchObject({ code: 'ERR_CONTEXT_CLOSED' })
    })
  })
}
