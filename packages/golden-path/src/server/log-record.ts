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

/**
 * A log record of an error. Of an error that is not ours only its name and where it was thrown are kept: its message may
 * hold what a user wrote.
 */
export const toErrorRecord = (event: string, error: unknown): LogRecord => {
  if (!(error instanceof Error)) return { event, error: typeof error }
  const { code } = error as { code?: unknown }
  // A fault of the server is located. A refusal is no fault.
  const isFault = toClientAnswer(error).httpStatus >= 500
  const places = !isFault
    ? undefined
    : error.stack
        ?.split('\n')
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 6)
        .map((line) => line.trim())
        .join(' < ')
  return {
    event,
    error: error.name,
    code: typeof code === 'string' ? code : undefined,
    issues: toIssueText(error),
    places,
  }
}

/** Which rule refused an input: paths and kinds, never a value. */
function toIssueText(error: Error): string | undefined {
  if (!isContextError(error) || error.issues.length === 0) return undefined
  return error.issues
    .slice(0, 10)
    .map(({ path, kind }) => (path === '' ? kind : `${path}: ${kind}`))
    .join('; ')
}
