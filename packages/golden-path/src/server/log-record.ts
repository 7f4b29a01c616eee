/**
 * What a server writes to the log of its process.
 */
import { isContextError, toClientAnswer } from 'user-execution-context'
import { callListener } from '../phases/call-listener.ts'
import { isLogged, logEvents, type LogEvent, type LogFields, type LogFieldsOf, type LogLevel } from './log-events.ts'

/**
 * A log record: which event, how much it matters, and the fields of this event. No id of a user or a session, no token,
 * no text of a user. May be logged; where it has an address, that is personal data.
 */
export type LogRecord = {
  readonly [Event in LogEvent]: { readonly event: Event; readonly level: LogLevel } & LogFieldsOf<Event>
}[LogEvent]

/** Takes log records. */
export type Log = (record: LogRecord) => void

/** Writes one line of JSON for each record to standard error. */
export const logToStandardError: Log = (record) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`)
}

/** The events that tell of an error. */
export type ErrorEvent = Extract<LogEvent, `${string}-${'refused' | 'failed'}`>

/** The record of an error, without the address. Each has all of these fields, undefined where it is not known. */
export type ErrorRecord = Extract<LogRecord, { readonly event: ErrorEvent }> &
  Partial<Pick<LogFields, 'correlationId' | 'method' | 'path'>>

/** Hears of faults of the server with the error itself. */
export type ServerErrorListener = (error: unknown, facts: ErrorRecord) => void

/** The fields of an error beside those that it has itself. */
export type ErrorFacts<Event extends ErrorEvent> = Omit<LogFieldsOf<Event>, keyof ErrorFields>

/** What is kept of an error. */
export type ErrorFields = Pick<LogFields, 'error' | 'code' | 'issues' | 'causes' | 'places'>

/** Reports an error: one log record, and when it is a fault of the server, a call of `onError`. Never throws. */
export type ErrorReporter = <Event extends ErrorEvent>(event: Event, error: unknown, facts: ErrorFacts<Event>) => void

/** Makes the reporter of a server. A refusal is no fault: what strangers send would fill an error tracker. */
export const errorReporter =
  (log: Log, least: LogLevel, onError: ServerErrorListener | undefined): ErrorReporter =>
  (event, error, facts) => {
    const level = isFault(error) ? 'error' : logEvents[event].level
    const isWritten = isLogged(level, least)
    const isTold = onError !== undefined && isFault(error)
    if (!isWritten && !isTold) return
    const record = Object.freeze({ event, level, ...toErrorFields(error), ...facts }) as unknown as ErrorRecord
    if (isWritten) log(record)
    if (isTold)
      callListener(
        () => onError(error, withoutAddress(record)),
        () => {},
      )
  }

/**
 * What is kept of an error. Of one that is not ours, and of its causes, only the name, the code and where it was thrown
 * are kept: a message may hold what a user wrote.
 */
export const toErrorFields = (error: unknown): ErrorFields => {
  const nothing = { code: undefined, issues: undefined, causes: undefined, places: undefined }
  if (!(error instanceof Error)) return { error: typeof error, ...nothing }
  const causes = findCauses(error)
  // The first that is not ours was thrown by the code of the application: that is the place to look at.
  const origin = [error, ...causes].find((one) => !isContextError(one)) ?? error
  return {
    error: toName(error),
    code: toCode(error),
    issues: toIssueText(error),
    causes: causes.map((cause) => [toName(cause), toCode(cause)].filter(Boolean).join(' ')).join(' < ') || undefined,
    places: isFault(error) ? toPlaces(origin) : undefined,
  }
}

// An error tracker is another place than the log, and often another company.
function withoutAddress(record: ErrorRecord): ErrorRecord {
  if (!('address' in record)) return record
  return Object.freeze({ ...record, address: undefined })
}

function isFault(error: unknown): boolean {
  return toClientAnswer(error).httpStatus >= 500
}

/** What led to an error, the nearest first: `error.cause`, the cause of that, at most five. */
function findCauses({ cause }: Error): readonly Error[] {
  const causes: Error[] = []
  for (let next = cause; next instanceof Error && causes.length < 5; next = next.cause) causes.push(next)
  return causes
}

// Names and codes are words of a program. Anything can be assigned to them: what looks otherwise is left out.
function toName({ name }: Error): string {
  return /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : 'Error'
}

function toCode(error: Error): string | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined
}

/** The lines of the stack that name places. A message can have lines that look like them: it is cut off first. */
function toPlaces({ stack = '', message }: Error): string | undefined {
  const places = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : ''
  const lines = places.split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
  return (
    lines
      .slice(0, 6)
      .map((line) => line.trim())
      .join(' < ') || undefined
  )
}

/** Which rule refused an input: paths and kinds, never a value. */
function toIssueText(error: Error): string | undefined {
  if (!isContextError(error) || error.issues.length === 0) return undefined
  return error.issues
    .slice(0, 10)
    .map(({ path, kind }) => (path === '' ? kind : `${path}: ${kind}`))
    .join('; ')
}
