/**
 * The port of the run queue: which run executes when, fair between users.
 * runQueueContract() tests an implementation.
 */
import type { RequestId, RunId, ThreadId, UserExecutionContext } from 'user-execution-context'
import type { AgentInput } from './agent.ts'
import type { Awaitable } from './awaitable.ts'
import type { EventWriter, RunKey } from './event-log.ts'
import type { RunCancellation } from './run-cancellation.ts'
import type { StartClaim, StartKey, StartKeyStore } from './start-key-store.ts'
import type { CancelReason } from '../wire/wire-envelope.ts'

/** One run to execute. A queue that leaves the process transfers the context itself: it does not survive JSON. */
export type RunJob = {
  readonly context: UserExecutionContext
  readonly input: AgentInput
  /**
   * From a queue that shares a store with the event log: it opens the run and writes the first event in the transaction
   * that claims the job. Default: the worker opens the run.
   */
  readonly writer?: EventWriter | undefined
  /**
   * When the run was filed, milliseconds since the epoch, for figures of waiting. Left out for a run that another
   * worker had before.
   */
  readonly queuedAtMs?: number | undefined
  /** The trace that the run belongs to: a `traceparent` of W3C. A queue that leaves the process transfers it too. */
  readonly traceParent?: string | undefined
}

/**
 * Executes a job to its terminal event and never rejects. A run that cannot be ended, because its log fails, has no
 * terminal event when this resolves: a durable queue hands it to another worker later.
 */
export type RunWorker = (job: RunJob, cancellation: RunCancellation) => Promise<void>

/**
 * How a run ended that a queue gave to no worker: the ids of the run, and nothing of its user. `'lost'`: the event log
 * did not take its end.
 */
export type UnexecutedEnd = {
  readonly threadId: ThreadId
  readonly runId: RunId
  readonly requestId: RequestId
  readonly outcome: 'failed' | 'cancelled' | 'lost'
  /** Of a run that failed: the code that its client was told. */
  readonly code?: string | undefined
  /** Of a run that was cancelled. */
  readonly reason?: CancelReason | undefined
}

/** What filing a start came to: what its key did, or that another start with the key is not decided yet. */
export type FiledStart = StartClaim | { readonly state: 'undecided' }

/**
 * Decides which run is next. Per user at most `concurrentRunsPerUser` run at once, first in first out; a free slot goes
 * to the user with the fewest running, so that one user's queue delays another's first run by at most one run.
 */
export type RunQueue = {
  /**
   * Whether another process may execute what this one has queued: a golden path then refuses to open without an event
   * log that both of them have. Default false.
   */
  readonly isShared?: boolean | undefined
  /**
   * Takes a job. Calls `onQueued` once it has and before this function answers, and executes nothing of this job
   * before: the caller can answer a client first.
   *
   * @param onQueued - Never throws.
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_RUNS` naming the limit, `ERR_CONTEXT_CLOSED`.
   */
  readonly enqueue: (job: RunJob, onQueued?: () => void) => Awaitable<void>
  /**
   * enqueue() of a run that the log does not have yet: it files the run there and takes the job in one step, for a
   * queue that shares a store with the event log. The ids are those of the context, and `queuedAtMs` is when it was
   * filed. Default: a golden path files the run and queues its job one after the other.
   *
   * @param key - Of an idempotent start, from a golden path whose keys are in a store of `claimsKeysOf`. It is claimed
   *   in the same step, and confirmed with it; where it is not free, nothing is filed and nothing queued.
   * @returns What the claim of the key came to, `'claimed'` where there is none; `'undecided'` where another start with
   *   it is under way: claim() of the store waits for that.
   * @throws {ContextError} As enqueue(); `ERR_CONTEXT_RUN_EXISTS` when this user has a run of this id.
   */
  readonly fileAndEnqueue?: ((job: RunJob, onQueued?: () => void, key?: StartKey) => Awaitable<FiledStart>) | undefined
  /** Whether fileAndEnqueue() claims keys of a store, which then is one with the queue's. Default: of none. */
  readonly claimsKeysOf?: ((keys: StartKeyStore) => boolean) | undefined
  /**
   * Sets the worker. Called once, before the first job.
   *
   * @param onUnexecutedEnd - Told of each run that this process has ended and given to no worker, once. Never throws.
   */
  readonly process: (worker: RunWorker, onUnexecutedEnd?: (end: UnexecutedEnd) => void) => void
  /**
   * Cancels a waiting or running job, and says whether there was one. A waiting job still goes to the worker,
   * cancelled.
   */
  readonly cancel: (key: RunKey, reason: CancelReason) => Promise<boolean>
  /** How many jobs wait, of all processes that share the queue. For figures. Default: it is not told. */
  readonly countWaiting?: (() => Awaitable<number>) | undefined
  /**
   * Executes nothing more that waits, and leaves it to other processes: this one is about to stop, and what it executes
   * may finish first. Left out by a queue whose jobs wait in this process.
   */
  readonly drain?: (() => void) | undefined
  /**
   * Takes no more jobs, cancels all with reason `'shutdown'`, resolves when the worker is done with each: they fail
   * with `ERR_CONTEXT_RUN_DRAINED`. A queue that has other processes hands them on instead where its caller says that
   * the agent goes on with what it finds.
   */
  readonly close: (options?: { readonly handsOn: boolean }) => Promise<void>
}
