/**
 * Counts the timers of one delay that wait. All timers of the process would not do: those of the runner, of sockets and
 * of other tests begin and end beside.
 */
import { vi } from 'vitest'

/** Watches setTimeout() from here on, until `vi.restoreAllMocks()`. Choose a delay that nothing else uses. */
export const watchTimers = (delayMs: number): (() => number) => {
  const pending = new Set<unknown>()
  const { setTimeout: start, clearTimeout: stop } = globalThis
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    run: (...words: unknown[]) => void,
    ms?: number,
    ...words: unknown[]
  ) => {
    const timer = start(
      (...given: unknown[]) => {
        pending.delete(timer)
        run(...given)
      },
      ms,
      ...words,
    )
    if (ms === delayMs) pending.add(timer)
    return timer
  }) as typeof setTimeout)
  vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    pending.delete(timer)
    stop(timer)
  })
  return () => pending.size
}
