/**
 * From an event to the line of the log that tells of it.
 */
import { assertUserExecutionContext, encodeKey, type UserExecutionContext } from 'user-execution-context'
import { isLogged, logEvents, type LogEvent, type LogLevel } from './log-events.ts'
import type { Log, LogRecord } from './log-record.ts'
import type { ServerEvent } from './server-event.ts'

/** Makes what writes a line for each event that has one of this level or above. */
export const lineWriter = (log: Log, least: LogLevel): ((event: ServerEvent) => void) => {
  // Asked before a line is made: printing a context costs, and stays with it.
  const written = new Set(
    Object.entries(logEvents).flatMap(([event, { level }]) => (isLogged(level, least) ? event : [])),
  )
  return (event) => {
    const name = event.type === 'unexecuted-run-ended' ? 'run-ended' : (event.type as LogEvent)
    if (!written.has(name)) return
    const fields = toFields(event)
    if (fields === undefined) return
    log(Object.freeze({ event: name, level: logEvents[name].level, ...fields }) as LogRecord)
  }
}

function toFields(event: ServerEvent): object | undefined {
  switch (event.type) {
    case 'server-started':
    case 'server-closed':
      return {}
    case 'server-listening':
      return { port: event.port }
    case 'server-draining':
      return { noticeMs: event.noticeMs, finishMs: event.finishMs, spreadMs: event.spreadMs }
    case 'run-queued':
      return toIdOf(event.context)
    case 'run-started':
      return { ...toIdOf(event.context), waitedMs: event.waitedMs }
    case 'run-ended': {
      const { outcome, code, reason, durationMs } = event
      return { ...toIdOf(event.context), outcome, code, reason, durationMs: Math.round(durationMs) }
    }
    case 'unexecuted-run-ended': {
      const { outcome, code, reason } = event
      return { ...toId(event), outcome, code, reason, durationMs: undefined }
    }
    case 'signed-in':
    case 'signed-out':
    case 'connection-opened':
    case 'reader-slow':
      return { ...toIdOf(event.context), address: event.address }
    case 'connection-closed':
      return { ...toIdOf(event.context), address: event.address, closeCode: event.closeCode }
    case 'client-resumed':
      return { ...toIdOf(event.context), address: event.address, runId: event.runId }
    // A refusal is written with its error, and these are for figures.
    case 'refused':
    case 'golden-path-opened':
    case 'golden-path-closed':
      return undefined
  }
}

/** @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`: what is forged has ids of anybody's making. */
function toIdOf(context: UserExecutionContext): ReturnType<typeof toId> {
  assertUserExecutionContext(context)
  return toId(context)
}

// As toLogFields() makes it, which makes more: a digest of the user, and the time as text.
function toId({ threadId, runId, requestId }: Pick<UserExecutionContext, 'threadId' | 'runId' | 'requestId'>): {
  readonly correlationId: string
} {
  return { correlationId: encodeKey([threadId, runId, requestId]) }
}
