/**
 * What every run queue must do, as cases that any test runner can run.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { cancellingCases } from './cancelling-cases.ts'
import { refusalOf, type ContractCase } from './contract-case.ts'
import { queueCases, toKey, type NewQueueCase, type RunQueueContractOptions } from './queue-samples.ts'

/**
 * The cases for a run queue.
 *
 * @param options - How a queue is opened, and how a context is made.
 * @example
 * ```ts
 * import { createForUser } from 'user-execution-context'
 * import { vouchForUser } from 'user-execution-context/restricted'
 * import { inProcessRunQueue } from '@user-execution-context/golden-path'
 * import { runQueueContract } from '@user-execution-context/golden-path/contracts'
 *
 * const createContext = (userId: string) => createForUser(vouchForUser(userId, { reason: 'contract of the queue' }))
 * for (const { run } of runQueueContract({ openQueue: inProcessRunQueue, createContext })) await run()
 * ```
 */
export const runQueueContract = (options: RunQueueContractOptions): readonly ContractCase[] => {
  const newCase = queueCases(options)
  return [...takingCases(newCase), ...turnCases(newCase), ...limitCases(newCase), ...cancellingCases(newCase)]
}

function takingCases(newCase: NewQueueCase): readonly ContractCase[] {
  return [
    newCase('hands a job to the worker with its user, run, thread and input', {}, async (watched) => {
      const [job] = await watched.enqueue('alice')
      await watched.startedUsers(1)
      const given = watched.started[0]!.job
      deepEqual(toKey(given), toKey(job!))
      equal(given.context.threadId, job!.context.threadId)
      equal(given.input.text, 'go')
    }),
    newCase('says that a job is queued before it answers and before it starts here', {}, async (watched) => {
      const job = await watched.newJob('alice')
      let startedBefore: number | undefined
      await watched.queue.enqueue(job, () => (startedBefore = watched.started.length))
      equal(startedBefore, 0)
      await watched.startedUsers(1)
    }),
    newCase('executes nothing of a job before its onQueued has answered', {}, async (watched) => {
      const [job, other] = [await watched.newJob('alice'), await watched.newJob('bob')]
      let inner: unknown
      let isStarted: boolean | undefined
      await watched.queue.enqueue(job, () => {
        inner = watched.queue.enqueue(other)
        isStarted = watched.started.some((each) => each.job.context.runId === job.context.runId)
      })
      await inner
      equal(isStarted, false)
      deepEqual([...(await watched.startedUsers(2))].sort(), ['alice', 'bob'])
    }),
    newCase('hands a job to one worker, once', {}, async (watched) => {
      await watched.enqueue(...Array.from({ length: 20 }, (_, index) => `user-${index}`))
      const users = await watched.startedUsers(20)
      equal(new Set(users).size, 20)
      equal(users.length, 20)
    }),
    newCase('waits at close for the ends of its jobs, and takes no more', { concurrentRuns: 1 }, async (watched) => {
      await watched.enqueue('alice')
      await watched.startedUsers(1)
      const late = await watched.newJob('alice')
      await watched.queue.close()
      equal(watched.started[0]?.cancellation.cancelled !== undefined, true)
      equal(await refusalOf(() => watched.queue.enqueue(late)), 'ERR_CONTEXT_CLOSED')
    }),
  ]
}

function turnCases(newCase: NewQueueCase): readonly ContractCase[] {
  return [
    newCase(
      'runs a user as often at once as allowed, first come first',
      { concurrentRunsPerUser: 2 },
      async (watched) => {
        const jobs = await watched.enqueue('alice', 'alice', 'alice')
        await watched.startedUsers(2)
        const runIds = () => watched.started.map(({ job }) => job.context.runId)
        deepEqual(
          [...runIds()].sort(),
          jobs
            .slice(0, 2)
            .map(({ context }) => context.runId)
            .sort(),
        )
        watched.started[0]!.end()
        await watched.startedUsers(3)
        equal(runIds()[2], jobs[2]!.context.runId)
      },
    ),
    newCase('runs as many of all users at once as allowed', { concurrentRuns: 3 }, async (watched) => {
      await watched.enqueue('a', 'b', 'c', 'd')
      deepEqual([...(await watched.startedUsers(3))].sort(), ['a', 'b', 'c'])
      watched.started[1]!.end()
      equal((await watched.startedUsers(4))[3], 'd')
    }),
    newCase(
      "delays another user's first run by one run when one user has 100 waiting",
      { concurrentRuns: 1, queuedRunsPerUser: 101 },
      async (watched) => {
        await watched.enqueue(...Array.from({ length: 101 }, () => 'alice'))
        await watched.startedUsers(1)
        await watched.enqueue('bob')
        watched.started[0]!.end()
        deepEqual(await watched.startedUsers(2), ['alice', 'bob'])
      },
    ),
    newCase('takes turns between users who wait', { concurrentRuns: 1 }, async (watched) => {
      await watched.enqueue('a', 'a', 'a', 'b', 'b', 'c')
      for (let turn = 1; turn <= 6; turn++) {
        await watched.startedUsers(turn)
        watched.started[turn - 1]!.end()
      }
      deepEqual(await watched.startedUsers(6), ['a', 'b', 'c', 'a', 'b', 'a'])
    }),
  ]
}

function limitCases(newCase: NewQueueCase): readonly ContractCase[] {
  const tooMany = 'ERR_CONTEXT_TOO_MANY_RUNS'
  return [
    newCase(
      'takes queuedRunsPerUser jobs of a user and refuses the next, of which it does not say that it is queued',
      { concurrentRuns: 1, queuedRunsPerUser: 2 },
      async (watched) => {
        await watched.enqueue('busy')
        await watched.startedUsers(1)
        await watched.enqueue('alice', 'alice')
        const job = await watched.newJob('alice')
        let isQueued = false
        equal(await refusalOf(() => watched.queue.enqueue(job, () => (isQueued = true))), tooMany)
        equal(isQueued, false)
        await watched.enqueue('bob')
      },
    ),
    newCase(
      'takes queuedRuns jobs of all users and refuses the next',
      { concurrentRuns: 1, queuedRuns: 2 },
      async (watched) => {
        await watched.enqueue('busy')
        await watched.startedUsers(1)
        await watched.enqueue('alice', 'bob')
        const job = await watched.newJob('carol')
        equal(await refusalOf(() => watched.queue.enqueue(job)), tooMany)
      },
    ),
  ]
}
