/**
 * What a server writes to the log of its process.
 */
import { isContextError, toClientAnswer } from 'user-execution-context'
import { callListener } from '../phases/call-listener.ts'

/** A log record: what happened, and codes. No id of a user, no token, no text of a user. May be logged. */
export type LogRecord = { readonly event: string } & { readonly [key: string]: string | number | boolean | undefined }

/** Takes log records. */
export type Log = (record: LogRecord) => void

/** Writes one line of JSON for each record to standard error. */
export const logToStandardError: Log = (record) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`)
}

/** The same log, except that its own failures are dropped: they must end neither an answer nor the process. */
export const toSafeLog =
  (write: Log): Log =>
  (record) =>
    callListener(
      () => write(record),
      () => {},
    )

/** Hears of faults of the server with the error itself. */
export type ServerErrorListener = (error: unknown, facts: LogRecord) => void

/** Reports an error: one log record, and when it is a fault of the server, a call of `onError`. Never throws. */
export type ErrorReporter = (event: string, error: unknown, facts?: Omit<LogRecord, 'event'>) => void

/** Makes the reporter of a server. A refusal is no fault: what strangers send would fill an error tracker. */
export const errorReporter = (log: Log, onError: ServerErrorListener | undefined): ErrorReporter => {
  const safeOnError =
    onError &&
    ((error: unknown, facts: LogRecord) =>
      callListener(
        () => onError(error, facts),
        () => {},
      ))
  return (event, error, facts) => {
    const record = Object.freeze({ ...toErrorRecord(event, error), ...facts })
    log(record)
    if (isFault(error)) safeOnError?.(error, record)
  }
}

/**
 * A log record of an error. Of one that is not ours, and of its causes, only the name, the code and where it was thrown
 * are kept: a message may hold what a user wrote.
 */
export const toErrorRecord = (event: string, error: unknown): LogRecord => {
  if (!(error instanceof Error)) return { event, error: typeof error }
  const causes = findCauses(error)
  // The first that is not ours was thrown by the code of the application: that is the place to look at.
  const origin = [error, ...causes].find((one) => !isContextError(one)) ?? error
  return {
    event,
    error: toName(error),
    code: toCode(error),
    issues: toIssueText(error),
    causes: causes.map((cause) => [toName(cause), toCode(cause)].filter(Boolean).join(' ')).join(' < ') || undefined,
    places: isFault(error) ? toPlaces(origin) : undefined,
  }
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
