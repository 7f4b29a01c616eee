/**
 * Tells the log of the process what clients are not told.
 */
import { toLogFields, type ContextLogFields, type UserExecutionContext } from 'user-execution-context'
import { callListener } from '../call-listener.ts'

/** Hears why a run failed, and of whose run it was. */
export type ErrorListener = (error: unknown, fields: ContextLogFields) => void

/** Tells a listener of a failure in a context. Never throws: a log that fails must not take the run with it. */
export const reportError = (onError: ErrorListener, error: unknown, context: UserExecutionContext): void => {
  // A failure of the log itself is dropped: there is no other place to report it.
  callListener(
    () => onError(error, toLogFields(context)),
    () => {},
  )
}
