/**
 * What a handler failed with, told by its cause.
 */
import { isContextError, type Scope } from 'user-execution-context'

/**
 * The reason why a scope aborted, for the AbortError of a call that was given its signal: a user whose session ended in
 * the middle of a request is told to sign in, and not that something went wrong. Any other error as it is.
 */
export const toFailure = (error: unknown, scope: Scope | undefined): unknown => {
  if (scope === undefined || !(error instanceof Error) || error.name !== 'AbortError') return error
  const { aborted, reason } = scope.signal
  return aborted && isContextError(reason) ? reason : error
}
