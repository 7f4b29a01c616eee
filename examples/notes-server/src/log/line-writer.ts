/**
 * The log of a process: one line of JSON on standard error for each record.
 */
import { logLevels, type LogLevel } from '@user-execution-context/golden-path/server'

/** What a line holds at least. */
type Line = { readonly event: string; readonly level: LogLevel }

/** Makes what writes lines of a level and above, each with the fields of this process. */
export const lineWriter =
  (least: LogLevel, ofProcess: Readonly<Record<string, number>> = {}) =>
  (line: Line): void => {
    if (logLevels.indexOf(line.level) < logLevels.indexOf(least)) return
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...ofProcess, ...line })}\n`)
  }
