/**
 * The log of a process that only executes runs: the lines of a server, without a server.
 */
import type { ErrorListener } from '../phases/execution/report-error.ts'
import { assertKnownKeys } from '../phases/known-keys.ts'
import { toSafeObserver, type GoldenPathEvent } from '../phases/golden-path-event.ts'
import type { LogLevel } from './log-events.ts'
import { logToStandardError, type Log } from './log-record.ts'
import { newReporting } from './new-reporting.ts'

/** Where lines go. */
export type GoldenPathLogOptions = {
  /** Gets each log record. What it throws is dropped. Default: one line of JSON on standard error. */
  readonly log?: Log | undefined
  /** The least level that is logged. Default `'info'`. */
  readonly logLevel?: LogLevel | undefined
}

/** Options of openGoldenPath(). */
export type GoldenPathLog = { readonly observe: (event: GoldenPathEvent) => void; readonly onError: ErrorListener }

/**
 * Makes the options of openGoldenPath() that write the lines of docs/server.md about runs and connections.
 * openGoldenPathServer() writes them by itself.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { openGoldenPath, type GoldenPathOptions } from '@user-execution-context/golden-path'
 * import { goldenPathLog } from '@user-execution-context/golden-path/server'
 *
 * export const openWorker = (options: GoldenPathOptions) => openGoldenPath({ ...options, ...goldenPathLog() })
 * ```
 */
export const goldenPathLog = (options: GoldenPathLogOptions = {}): GoldenPathLog => {
  assertKnownKeys(options, ['log', 'logLevel'])
  const { log = logToStandardError, logLevel = 'info' } = options
  const reporting = newReporting({ log: toSafeObserver(log), logLevel, observe: undefined, onError: undefined })
  return Object.freeze({
    observe: reporting.tell,
    onError: (error, { correlationId }) => reporting.report('run-failed', error, { correlationId }),
  } satisfies GoldenPathLog)
}
