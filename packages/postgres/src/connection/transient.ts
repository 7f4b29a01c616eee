/**
 * Failures that pass: the same statement can be asked again.
 */
import { setTimeout as pause } from 'node:timers/promises'

/** SQLSTATE classes and codes: connection, server stops or starts, deadlock, serialization, resources. */
const transientState = /^(?:08|53|57P0[1-5]|57P|40001|40P01|55P03)/
/** What the driver and the socket say. */
const transientCode = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOENT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)/
const transientWords = /terminat|timeout|closed|not queryable|cannot use a pool|Client has encountered/i

/** Whether a statement may succeed when it is asked again, and it is not known whether it did. */
export const isTransient = (error: unknown): boolean => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'string') return transientState.test(code) || transientCode.test(code)
  return typeof message === 'string' && transientWords.test(message)
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
