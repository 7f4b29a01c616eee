/**
 * A queue with a worker that a case watches.
 */
import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { parseLimits, type Limits } from '../phases/limits.ts'
import type { RunKey } from '../phases/ports/event-log.ts'
import type { RunCancellation } from '../phases/ports/run-cancellation.ts'
import type { RunJob, RunQueue } from '../phases/ports/run-queue.ts'
import { eventually, type ContractCase } from './contract-case.ts'

/** What the contract of run queues needs. */
export type RunQueueContractOptions = {
  /** Gives a queue under these limits, which each case closes. It must be empty. */
  readonly openQueue: (limits: Limits) => RunQueue | Promise<RunQueue>
  /** Makes a context of a user, with ids of its own. */
  readonly createContext: (userId: string) => UserExecutionContext | Promise<UserExecutionContext>
  /** Prepares what a job needs before it is queued: the run in the log. Default: nothing. */
  readonly prepare?: ((job: RunJob) => Promise<void>) | undefined
  /** Ends a job as its worker does: the end of the run in the log. Default: nothing. */
  readonly finish?: ((job: RunJob) => Promise<void>) | undefined
  /** How long nothing must happen before a case believes that nothing will, milliseconds. Default 20. */
  readonly quietMs?: number | undefined
}

/** A job that the worker was given. It executes until `end()`, or until it is cancelled. */
export type StartedJob = { readonly job: RunJob; readonly cancellation: RunCancellation; readonly end: () => void }

/** A queue, and what its worker was given so far. */
export type WatchedQueue = {
  readonly queue: RunQueue
  readonly started: StartedJob[]
  readonly newJob: (userId: string) => Promise<RunJob>
  /** Queues a job of each user, one after the other. */
  readonly enqueue: (...userIds: readonly string[]) => Promise<readonly RunJob[]>
  /** Waits until so many jobs have started, and no more do. Gives the users in the order of the starts. */
  readonly startedUsers: (count: number) => Promise<readonly string[]>
  readonly quiet: () => Promise<void>
}

/** Makes a case with a queue under changed limits. */
export type NewQueueCase = (
  name: string,
  changes: Partial<Limits>,
  check: (watched: WatchedQueue) => Promise<void>,
) => ContractCase

/** Which run a job is. */
export const toKey = ({ context }: RunJob): RunKey => ({ ownerKey: toOwnerKey(context), runId: context.runId })

/** Opens queues for cases. */
export const queueCases = (options: RunQueueContractOptions): NewQueueCase => {
  const { openQueue, createContext, prepare, finish, quietMs = 20 } = options
  const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, quietMs))
  const newJob = async (userId: string): Promise<RunJob> => {
    const job = { context: await createContext(userId), input: { text: 'go' } }
    await prepare?.(job)
    return job
  }
  return (name, changes, check) => ({
    name,
    run: async () => {
      const queue = await openQueue(parseLimits(changes))
      const started: StartedJob[] = []
      queue.process(async (job, cancellation) => {
        await new Promise<void>((end) => {
          started.push({ job, cancellation, end })
          cancellation.whenCancelled(() => end())
        })
        await finish?.(job)
      })
      const enqueue = async (...userIds: readonly string[]): Promise<readonly RunJob[]> => {
        const jobs: RunJob[] = []
        for (const userId of userIds) {
          const job = await newJob(userId)
          jobs.push(job)
          await queue.enqueue(job)
        }
        return jobs
      }
      const startedUsers = async (count: number): Promise<readonly string[]> => {
        await eventually(() => started.length >= count, `${count} jobs have started`)
        await quiet()
        return started.map(({ job }) => job.context.userId)
      }
      try {
        await check({ queue, started, newJob, enqueue, startedUsers, quiet })
      } finally {
        await queue.close()
      }
    },
  })
}
