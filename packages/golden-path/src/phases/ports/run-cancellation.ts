/**
 * How a run that waits or executes hears that it is cancelled.
 *
 * Not an AbortSignal: Node makes and drops one in 4 microseconds, a fifth of all that a run costs, and the agent has
 * the signal of its scope.
 */
import type { CancelReason } from '../wire/wire-envelope.ts'

/** Why a run was cancelled: the reason of its scope's signal. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
  /**
   * `'shutdown'`: this process stops, and the run fails with `ERR_CONTEXT_RUN_DRAINED`. `'abandoned'`: it goes on in
   * another process, which writes its end.
   */
  readonly reason: CancelReason | 'shutdown' | 'abandoned'

  constructor(reason: CancelReason | 'shutdown' | 'abandoned') {
    super('The run was cancelled')
    this.reason = reason
  }
}

/** Made by a queue for each job; the queue cancels, the worker listens. */
export class RunCancellation {
  #cancelled: RunCancelled | undefined
  #listener: ((cancelled: RunCancelled) => void) | undefined

  /** Undefined for a run that is not cancelled. */
  get cancelled(): RunCancelled | undefined {
    return this.#cancelled
  }

  /** Cancels the run; `'shutdown'` where this process stops. The first reason counts. */
  cancel(reason: CancelReason | 'shutdown'): void {
    this.#end(reason)
  }

  /**
   * Stops the run in this process only: its lease is lost, so it is another worker's. Nothing more of it is written
   * here.
   */
  abandon(): void {
    this.#end('abandoned')
  }

  /** Calls back once: when the run is cancelled, or at once when it has been. One listener: the worker's. */
  whenCancelled(listener: (cancelled: RunCancelled) => void): void {
    if (this.#cancelled === undefined) this.#listener = listener
    else listener(this.#cancelled)
  }

  #end(reason: RunCancelled['reason']): void {
    if (this.#cancelled !== undefined) return
    this.#cancelled = new RunCancelled(reason)
    this.#listener?.(this.#cancelled)
  }
}
