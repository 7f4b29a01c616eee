/**
 * The port of the event log: what was said in each run, filed under the user who owns the run.
 *
 * Every function takes the owner, so a foreign run and an unknown run are one and the same miss. Nothing here assumes
 * one process: a run may be started, executed and read in three. eventLogContract() tests an implementation.
 */
import type { RequestId, RunId, ThreadId } from 'user-execution-context'
import type { Awaitable } from './awaitable.ts'
import type { LostEvents, RunPosition } from './run-position.ts'
import type { RunEventType } from '../wire/wire-envelope.ts'

/** Which run of which user. */
export type RunKey = {
  /** From toOwnerKey() of a context. Personal data: do not log. */
  readonly ownerKey: string
  readonly runId: RunId
}

/** A run as the log knows it. */
export type RunRecord = RunKey & {
  readonly threadId: ThreadId
  /** The request that started it. */
  readonly requestId: RequestId
  readonly createdAtMs: number
}

/** One event, ready for the wire. */
export type LoggedEvent = RunPosition & {
  readonly type: RunEventType
  /** The envelope as JSON. The same text goes to every connection. */
  readonly text: string
  /** Length of `text` in UTF-8. */
  readonly bytes: number
}

/** Part of a run, oldest first. */
export type EventPage = {
  readonly events: readonly LoggedEvent[]
  /** Of the newest writer; 1 for a run that was never opened. */
  readonly epoch: number
  /** Sequence of the oldest event that is still held; one more than `lastSequence` when none is. */
  readonly firstSequence: number
  /** Sequence of the newest event; 0 when there was none. */
  readonly lastSequence: number
  /** Events that the client has seen and a crash lost; `events` follow them. */
  readonly lost?: LostEvents | undefined
}

/** Writes the events of one run. There is one at a time: the newest. */
export type EventWriter = {
  /** The run's epoch, which this writer has raised: its events carry it. */
  readonly epoch: number
  /** Sequence of the last event that the run had when it was opened; 0 for none. The first event has the next. */
  readonly lastSequence: number
  /** The request that started the run. */
  readonly requestId: RequestId
  /**
   * Adds an event. Followers hear of it before, or soon after, what is returned has settled. A piece of text may be
   * answered before it is held, all else may not; when it is lost then, the next append fails. The same event again
   * changes nothing. One that throws has not been added; of one that rejects it is not known, and reopen() tells.
   *
   * @throws {ContextError} `ERR_CONTEXT_WRITE_FENCED` when the run has ended, or has a newer writer.
   */
  readonly append: (event: LoggedEvent) => Awaitable<void>
  /**
   * Opens the run again in place of this writer, which is over then: nothing that it has on its way is added any more.
   *
   * @throws {ContextError} `ERR_CONTEXT_WRITE_FENCED` when the run has ended, or has a newer writer already.
   */
  readonly reopen: () => Awaitable<EventWriter>
}

/** Ends a subscription. Calling it again does nothing. Never throws. */
export type Unfollow = () => void

/** Where events are kept and heard of. What stands between a request and its first event may answer at once. */
export type EventLog = {
  /** Registers a run. @throws {ContextError} `ERR_CONTEXT_RUN_EXISTS` when this user has a run of this id. */
  readonly create: (run: RunRecord) => Awaitable<void>
  /** Forgets a run that was never executed. */
  readonly discard: (key: RunKey) => Promise<void>
  /** The run, or undefined for unknown, forgotten and other users' runs alike. */
  readonly find: (key: RunKey) => Promise<RunRecord | undefined>
  /** The runs of a user that are still held, oldest first. */
  readonly list: (ownerKey: string) => Promise<readonly RunRecord[]>
  /**
   * Opens a run for writing, which raises its epoch and ends every writer before. The first time tells the followers of
   * its owner.
   *
   * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND`, `ERR_CONTEXT_WRITE_FENCED` for a run that has ended.
   */
  readonly openWriter: (key: RunKey) => Awaitable<EventWriter>
  /**
   * At most `maxEvents` events after a place; after what is left of its epoch, when that place was lost.
   *
   * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND`.
   */
  readonly read: (key: RunKey, after: RunPosition, maxEvents: number) => Awaitable<EventPage>
  /**
   * Calls a listener with each event that is appended from the time when it has answered, in order. Nothing before
   * that time is repeated: read() has it. A listener follows a run once.
   *
   * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND`.
   */
  readonly follow: (key: RunKey, listener: (event: LoggedEvent) => void) => Awaitable<Unfollow>
  /**
   * Calls a listener with each run of a user that is first opened from the time when it has answered, before the run's
   * first event. A listener follows once.
   */
  readonly followOwner: (ownerKey: string, listener: (run: RunRecord) => void) => Awaitable<Unfollow>
  /** Frees what the log holds. */
  readonly close: () => Promise<void>
}
