/**
 * How a route over many runs takes one that is gone.
 */
import { isContextError } from 'user-execution-context'

/**
 * What stands for a run that was forgotten since it was listed. Any other failure is thrown: a store that is away would
 * be answered as a thread that has nothing.
 */
export const unlessForgotten =
  <Value>(instead: Value) =>
  (error: unknown): Value => {
    if (isContextError(error) && error.code === 'ERR_CONTEXT_RUN_NOT_FOUND') return instead
    throw error
  }
