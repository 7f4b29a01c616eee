/**
 * What a golden path tells of its work while it does it, for a log, spans and metrics. It holds contexts, and nothing
 * that a user wrote: toLogFields() and toSpanAttributes() give what may be kept of one.
 */
import type { RunId, UserExecutionContext } from 'user-execution-context'
import { callListener } from './call-listener.ts'
import type { Awaitable } from './ports/awaitable.ts'
import type { UnexecutedEnd } from './ports/run-queue.ts'
import type { CancelReason } from './wire/wire-envelope.ts'

/**
 * How a run left the worker that executed it. `'handed-on'`: it goes on in another process, which tells its end.
 * `'lost'`: the event log did not take its end.
 */
export type RunOutcome = 'completed' | 'failed' | 'cancelled' | 'handed-on' | 'lost'

/** What a golden path counts: each function gives what holds when it is called. */
export type GoldenPathFigures = {
  /** Events of runs that were sent to connections of this process since it opened. */
  readonly eventsDelivered: () => number
  /** Runs that wait, of all processes that share the queue. Undefined where the queue does not count. */
  readonly runsWaiting: () => Awaitable<number | undefined>
}

/** The connection that an event is about: whose it is, and the address of its client where the transport has one. */
type OfConnection = { readonly context: UserExecutionContext; readonly address: string | undefined }

/** One event. `type` says what happened. */
export type GoldenPathEvent =
  | { readonly type: 'golden-path-opened' | 'golden-path-closed'; readonly figures: GoldenPathFigures }
  | { readonly type: 'run-queued'; readonly context: UserExecutionContext }
  | {
      readonly type: 'run-started'
      readonly context: UserExecutionContext
      /** How long it waited, milliseconds; undefined for a run that another worker had before. */
      readonly waitedMs: number | undefined
      /** What `traceRun` gave where the run was queued. */
      readonly traceParent: string | undefined
    }
  | {
      readonly type: 'run-ended'
      readonly context: UserExecutionContext
      readonly outcome: RunOutcome
      /** Of a run that failed: the code that its client was told. */
      readonly code: string | undefined
      /** Of a run that was cancelled. */
      readonly reason: CancelReason | undefined
      readonly durationMs: number
    }
  /** A run that the queue has ended itself: no worker had it here, and its context may not open. */
  | ({ readonly type: 'unexecuted-run-ended' } & UnexecutedEnd)
  | ({ readonly type: 'connection-opened' | 'reader-slow' } & OfConnection)
  | ({
      readonly type: 'connection-closed'
      /** What this side closed with; undefined where the client or its line did. */
      readonly closeCode: number | undefined
    } & OfConnection)
  | ({ readonly type: 'client-resumed'; readonly runId: RunId } & OfConnection)

/** Hears of events. */
export type Observe = (event: GoldenPathEvent) => void

/** The same listener, except that what it throws is dropped: it must end neither a run nor the process. */
export const toSafeObserver = <Event>(observe: ((event: Event) => void) | undefined): ((event: Event) => void) =>
  observe === undefined
    ? () => {}
    : (event) =>
        callListener(
          () => observe(event),
          () => {},
        )
