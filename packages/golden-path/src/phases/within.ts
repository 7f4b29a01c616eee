/**
 * Work that somebody else does, waited for no longer than a bound.
 */
import type { ContextError } from 'user-execution-context'

/**
 * What the work gives. Rejects with an error of `toError` when it has not settled in time; what comes then is dropped.
 */
export const within = async <Value>(
  work: PromiseLike<Value>,
  timeMs: number,
  toError: () => ContextError,
): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(toError()), timeMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
