/**
 * A replay memory in this process: for one process, and for tests.
 */
import { ownOptions } from '../text/own-options.ts'
import { invalidOption } from '../text/refused.ts'
import type { ReplayMemory } from './replay-memory.ts'

/** Options of {@link inProcessReplayMemory}. */
export type InProcessReplayMemoryOptions = {
  /**
   * How many texts it holds at most, 1 to 10,000,000. Beyond them it refuses, and never forgets one. Default 100,000.
   */
  readonly maxTexts?: number | undefined
}

/**
 * Makes a replay memory of this process. A restart forgets, and a second process knows nothing of it: several
 * processes need one in a database.
 *
 * @param options - `maxTexts`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { inProcessReplayMemory } from '@user-execution-context/transfer'
 *
 * export const replay = inProcessReplayMemory({ maxTexts: 10_000 })
 * ```
 */
export const inProcessReplayMemory = (options: InProcessReplayMemoryOptions = {}): ReplayMemory => {
  const { maxTexts = 100_000 } = ownOptions(options)
  if (!Number.isInteger(maxTexts) || maxTexts < 1 || maxTexts > 10_000_000)
    throw invalidOption('maxTexts', typeof maxTexts === 'number' ? 'does not fit' : 'not a number')
  const texts = new Map<string, { readonly attemptKey: string; readonly untilMs: number; isCompleted: boolean }>()
  let nextSweepMs = 0

  const sweep = (nowMs: number): void => {
    for (const [textId, { untilMs }] of texts) if (untilMs <= nowMs) texts.delete(textId)
    // A memory that stays full looks through all of it once a second, not at every claim.
    nextSweepMs = nowMs + 1000
  }

  return Object.freeze({
    claim: (textId: string, attemptKey: string, untilMs: number) => {
      const known = texts.get(textId)
      if (known !== undefined) return known.attemptKey === attemptKey && !known.isCompleted ? 'claimed' : 'used'
      const nowMs = Date.now()
      if (texts.size >= maxTexts && nowMs >= nextSweepMs) sweep(nowMs)
      if (texts.size >= maxTexts) return 'full'
      texts.set(textId, { attemptKey, untilMs, isCompleted: false })
      return 'claimed'
    },
    complete: (textId: string, attemptKey: string) => {
      const known = texts.get(textId)
      if (known?.attemptKey === attemptKey) known.isCompleted = true
    },
  })
}
