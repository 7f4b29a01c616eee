/**
 * An event log that is waited for no longer than a bound. One that never answers would keep a run's place, its readers
 * and the end of the process waiting.
 */
import { ContextError } from 'user-execution-context'
import { within } from '../within.ts'
import { isPending, type Awaitable } from './awaitable.ts'
import type { EventLog, EventWriter } from './event-log.ts'
import { isInProcessEventLog } from './in-process-event-log.ts'

/** The log, whose answers reject with `ERR_CONTEXT_EVENT_LOG_FAILED` when they take longer. */
export const boundedEventLog = (log: EventLog, answerTimeMs: number): EventLog => {
  // What is answered at once stays so: a run in one process waits for nothing.
  const bound =
    <Parameters extends readonly unknown[], Value>(call: (...parameters: Parameters) => Awaitable<Value>) =>
    (...parameters: Parameters): Awaitable<Value> => {
      const answer = call(...parameters)
      return isPending(answer) ? within(answer, answerTimeMs, toError) : answer
    }
  const boundLater =
    <Parameters extends readonly unknown[], Value>(call: (...parameters: Parameters) => Promise<Value>) =>
    (...parameters: Parameters): Promise<Value> =>
      within(call(...parameters), answerTimeMs, toError)
  const boundWriter = (opened: Awaitable<EventWriter>): Awaitable<EventWriter> => {
    if (isPending(opened)) return opened.then(boundWriter)
    const { epoch, lastSequence, requestId, append, reopen } = opened
    const reopenInTime = bound(reopen)
    return { epoch, lastSequence, requestId, append: bound(append), reopen: () => boundWriter(reopenInTime()) }
  }
  const openWriter = bound(log.openWriter)
  return Object.freeze({
    create: bound(log.create),
    discard: boundLater(log.discard),
    find: boundLater(log.find),
    list: boundLater(log.list),
    openWriter: (key) => boundWriter(openWriter(key)),
    read: bound(log.read),
    follow: bound(log.follow),
    followOwner: bound(log.followOwner),
    close: boundLater(log.close),
  } satisfies EventLog)
}

/** The bounded log, but of this process the log as it is: timers for what answers at once would cost more. */
export const boundIfLate = (log: EventLog, answerTimeMs: number): EventLog =>
  isInProcessEventLog(log) ? log : boundedEventLog(log, answerTimeMs)

function toError(): ContextError {
  return new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED', { issues: [{ path: 'limits.logTimeMs', kind: 'too small' }] })
}
