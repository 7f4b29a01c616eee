/**
 * Failures that pass: the same statement can be asked again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { isContextError } from 'user-execution-context'
import { isOfClosedPool, isUnreachable } from './unreachable.ts'

/** Serialization, deadlock, a lock that was not had in time. */
const contested = /^(?:40001|40P01|55P03)$/

/** Whether others had what a statement needed. It has changed nothing. */
export const isContested = (error: unknown): boolean =>
  contested.test(String((error as { readonly code?: unknown } | undefined)?.code))

/** Whether a statement may succeed when it is asked again, and it is not known whether it did. */
export const isTransient = (error: unknown): boolean => {
  if (isOfClosedPool(error)) return false
  if (isContextError(error)) return error.code === 'ERR_CONTEXT_DATABASE_UNAVAILABLE'
  return isUnreachable(error) || isContested(error)
}

/** Asks until it is answered, or for so long. Only for statements that may run twice. */
export const retryTransient = async <Result>(timeMs: number, ask: () => Promise<Result>): Promise<Result> => {
  const endsAtMs = performance.now() + timeMs
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await ask()
    } catch (error) {
      if (!isTransient(error) || performance.now() + pauseMs > endsAtMs) throw error
      await pause(pauseMs)
    }
  }
}
