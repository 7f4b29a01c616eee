/**
 * The log and the observer of a server behind two functions: one for what happens, one for what is refused or fails.
 */
import { toClientAnswer } from 'user-execution-context'
import { toSafeObserver } from '../phases/golden-path-event.ts'
import { lineWriter } from './log-line.ts'
import { errorReporter, type ErrorEvent, type ErrorReporter } from './log-record.ts'
import type { ServerSettings } from './parse-server-options.ts'
import type { RefusedAt, ServerEvent } from './server-event.ts'

const refusals: Readonly<Partial<Record<ErrorEvent, RefusedAt>>> = {
  'request-refused': 'request',
  'upgrade-refused': 'upgrade',
  'socket-refused': 'socket',
  'message-refused': 'message',
}

/** What the parts of a server call. Neither throws. */
export type Reporting = { readonly report: ErrorReporter; readonly tell: (event: ServerEvent) => void }

/** Makes both. */
export const newReporting = ({
  log,
  logLevel,
  observe: given,
  onError,
}: Pick<ServerSettings, 'log' | 'logLevel' | 'observe' | 'onError'>): Reporting => {
  const observe = toSafeObserver(given)
  const write = lineWriter(log, logLevel)
  const reportError = errorReporter(log, logLevel, onError)
  return {
    report: (event, error, facts) => {
      reportError(event, error, facts)
      const at = refusals[event]
      if (at !== undefined) observe({ type: 'refused', at, code: toClientAnswer(error).code })
    },
    tell: (event) => {
      write(event)
      observe(event)
    },
  }
}
