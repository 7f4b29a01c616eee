/**
 * Work that somebody else does, waited for no longer than a bound.
 */
import type { ContextError } from 'user-execution-context'

/** How many turns of the microtask queue work may take that needs no timer. */
const quickTurns = 8

/**
 * What the work gives. Rejects with an error of `toError` when it has not settled in time; what comes then is dropped.
 */
export const within = async <Value>(
  work: PromiseLike<Value>,
  timeMs: number,
  toError: () => ContextError,
): Promise<Value> => {
  // Most work has nothing to wait for: a timer, and a promise that it rejects, would cost more than the work.
  let isSettled = false
  const settle = (): void => void (isSettled = true)
  work.then(settle, settle)
  for (let turn = 0; turn < quickTurns && !isSettled; turn++) await undefined
  if (isSettled) return work
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
