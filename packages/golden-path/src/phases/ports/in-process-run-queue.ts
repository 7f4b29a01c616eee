/**
 * The run queue of one process: the embedded default.
 */
import { ContextError, assertLive, requireContext, toOwnerKey, type RunId } from 'user-execution-context'
import type { Limits } from '../limits.ts'
import { RunCancellation } from './run-cancellation.ts'
import type { RunJob, RunQueue, RunWorker } from './run-queue.ts'
import type { CancelReason } from '../wire/wire-envelope.ts'

type Entry = { readonly job: RunJob; readonly cancellation: RunCancellation }
/** `place`: the set of users with as many running, while this one waits and may run one more. */
type User = {
  readonly ownerKey: string
  readonly waiting: Entry[]
  readonly running: Map<RunId, Entry>
  place: Set<User> | undefined
}

/**
 * Keeps waiting runs in the memory of this process, bounded by the limits table.
 *
 * @example
 * ```ts
 * import { defaultLimits, inProcessRunQueue, openGoldenPath, type Agent } from '@user-execution-context/golden-path'
 *
 * export const open = (agent: Agent) => openGoldenPath({ agent, runQueue: inProcessRunQueue(defaultLimits) })
 * ```
 */
export const inProcessRunQueue = (limits: Limits): RunQueue => {
  const users = new Map<string, User>()
  /** Users that wait and may run one more, by how many of theirs run: the next is the first of the first set. */
  const ready: readonly Set<User>[] = Array.from({ length: limits.concurrentRunsPerUser }, () => new Set())
  const unfinished = new Set<Promise<void>>()
  let worker: RunWorker | undefined
  let waiting = 0
  let running = 0
  /** How many calls of enqueue() are saying that their job is queued: nothing starts before they have. */
  let telling = 0
  let isScheduled = false
  let isClosed = false

  const refresh = (user: User): void => {
    user.place?.delete(user)
    user.place = user.waiting.length > 0 ? ready[user.running.size] : undefined
    user.place?.add(user)
    if (user.waiting.length === 0 && user.running.size === 0) users.delete(user.ownerKey)
  }
  // Timers and sockets get their turn between runs that never wait for anything.
  const startNextTurn = (): void => {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      startAll()
    })
  }
  const startAll = (): void => {
    while (telling === 0 && running < limits.concurrentRuns) {
      const user = findNext(ready)
      if (user === undefined) return
      start(user, user.waiting.shift()!)
    }
  }
  const start = (user: User, entry: Entry): void => {
    const { runId } = entry.job.context
    waiting--
    running++
    user.running.set(runId, entry)
    refresh(user)
    hand(entry, () => {
      running--
      user.running.delete(runId)
      refresh(user)
      startNextTurn()
    })
  }
  const hand = ({ job, cancellation }: Entry, onEnd: () => void): void => {
    const end = (): void => {
      unfinished.delete(done)
      onEnd()
    }
    const done = worker!(job, cancellation).then(end, end)
    unfinished.add(done)
  }
  const cancelEntry = (user: User, entry: Entry, reason: CancelReason | 'shutdown'): void => {
    entry.cancellation.cancel(reason)
    const position = user.waiting.indexOf(entry)
    if (position < 0) return
    user.waiting.splice(position, 1)
    waiting--
    refresh(user)
    hand(entry, () => {})
  }

  return Object.freeze({
    enqueue: (job, onQueued) => {
      // A queue is an entry point too: a job with a forged context would run for the user that it names.
      requireContext(job.context)
      assertLive(job.context)
      if (isClosed || worker === undefined) throw new ContextError('ERR_CONTEXT_CLOSED')
      const ownerKey = toOwnerKey(job.context)
      const user: User = users.get(ownerKey) ?? { ownerKey, waiting: [], running: new Map(), place: undefined }
      if (waiting >= limits.queuedRuns) throw tooMany('limits.queuedRuns')
      if (user.waiting.length >= limits.queuedRunsPerUser) throw tooMany('limits.queuedRunsPerUser')
      users.set(ownerKey, user)
      user.waiting.push({ job, cancellation: new RunCancellation() })
      waiting++
      refresh(user)
      telling++
      try {
        onQueued?.()
      } finally {
        telling--
        startAll()
      }
    },
    process: (given) => {
      worker = given
    },
    cancel: async ({ ownerKey, runId }, reason) => {
      await callers
      const user = users.get(ownerKey)
      const entry = user?.running.get(runId) ?? user?.waiting.find(({ job }) => job.context.runId === runId)
      if (user === undefined || entry === undefined || entry.cancellation.cancelled !== undefined) return false
      cancelEntry(user, entry, reason)
      return true
    },
    countWaiting: () => waiting,
    close: async () => {
      isClosed = true
      await callers
      for (const user of [...users.values()]) {
        for (const entry of [...user.running.values(), ...user.waiting]) cancelEntry(user, entry, 'shutdown')
      }
      await Promise.all(unfinished)
    },
  } satisfies RunQueue)
}

/** Lets functions that call the queue return: the worker that is starting this job, or `onQueued`. */
const callers = Promise.resolve()

// Refreshing puts a user at the end of their set, so users with equally many running take turns.
function findNext(ready: readonly ReadonlySet<User>[]): User | undefined {
  for (const users of ready) {
    const { value } = users.values().next()
    if (value !== undefined) return value
  }
  return undefined
}

function tooMany(path: string): ContextError {
  return new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path, kind: 'too large' }] })
}
