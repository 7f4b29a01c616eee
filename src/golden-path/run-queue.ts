/**
 * Floor 6. The port of the run queue: which run executes when, fair between users.
 * tests/golden-path/contracts/ has its contract.
 */
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import type { AgentInput } from './agent.ts'
import type { RunKey } from './event-log.ts'
import type { CancelReason } from './wire-envelope.ts'

/** One run to execute. A queue that leaves the process transfers the context itself: it does not survive JSON. */
export type RunJob = { readonly context: UserExecutionContext; readonly input: AgentInput }

/**
 * How a worker hears that its run is cancelled: the signal aborts with a {@link RunCancelled}, perhaps before the worker
 * is called, when the job was still waiting. An `AbortController` is one. Not the signal itself, because Node makes it
 * when it is first read, and that costs more than anything else before the first event of a run.
 */
export type Cancellation = { readonly signal: AbortSignal }

/** Executes a job to its terminal event and never rejects. */
export type RunWorker = (job: RunJob, cancellation: Cancellation) => Promise<void>

/** Why the signal of a job aborted. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
  readonly reason: CancelReason

  constructor(reason: CancelReason) {
    super('The run was cancelled')
    this.reason = reason
  }
}

/**
 * Decides who is next. Per user at most `concurrentRunsPerUser` run at once, first in first out; a free slot goes to the
 * user with the fewest running, so that one user's queue delays another's first run by at most one run.
 */
export type RunQueue = {
  /**
   * Takes a job. It is executed later, never before the promise resolves.
   *
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_RUNS` naming the limit, `ERR_CONTEXT_CLOSED`.
   */
  readonly enqueue: (job: RunJob) => Promise<void>
  /** Sets who executes. Called once, before the first job. */
  readonly process: (worker: RunWorker) => void
  /** Cancels a waiting or running job, and says whether there was one. A waiting job still goes to the worker, aborted. */
  readonly cancel: (key: RunKey, reason: CancelReason) => Promise<boolean>
  /** Takes no more jobs, cancels all with reason `'shutdown'`, resolves when the worker is done with each. */
  readonly close: () => Promise<void>
}
