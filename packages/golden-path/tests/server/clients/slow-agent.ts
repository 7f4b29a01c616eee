/**
 * Agents for tests with foreign clients: 13 pieces of thinking and text, so that each run has exactly 15 events. The
 * answer quotes the question, so that a mix-up would show.
 */
import type { Agent } from '../../../src/phases/ports/agent.ts'

/** How many events each run has: agent_started, 13 pieces, agent_completed. */
export const eventsPerRun = 15

const pieces = eventsPerRun - 2

/** Says a piece every so many milliseconds. */
export const slowAgent = (delayMs: number): Agent => speak(() => new Promise((resolve) => setTimeout(resolve, delayMs)))

/** Says the next pieces only when it may: the test decides what is said before, during and after a cut. */
export type SteppedAgent = {
  readonly agent: Agent
  /** Lets runs go on until their event of this sequence number. */
  readonly allow: (sequence: number) => void
}

export const steppedAgent = (): SteppedAgent => {
  let allowed = 0
  const waiting = new Set<() => void>()
  const agent = speak(async (sequence, signal) => {
    signal.addEventListener('abort', wakeAll, { once: true })
    while (sequence > allowed && !signal.aborted) await new Promise<void>((resolve) => waiting.add(resolve))
  })
  const wakeAll = (): void => {
    for (const wake of waiting) wake()
    waiting.clear()
  }
  return {
    agent,
    allow: (sequence) => {
      allowed = sequence
      wakeAll()
    },
  }
}

/** What these agents answer. */
export const answerTo = (text: string): string =>
  Array.from({ length: pieces - 3 }, (_, index) => `${text} ${index + 4}. `).join('')

function speak(wait: (sequence: number, signal: AbortSignal) => Promise<void>): Agent {
  return async function* answer(scope, { text }) {
    for (let piece = 1; piece <= pieces; piece++) {
      await wait(piece + 1, scope.signal)
      scope.signal.throwIfAborted()
      const part = `${text} ${piece}. `
      yield piece <= 3 ? { type: 'agent_thinking', text: part } : { type: 'agent_message_delta', text: part }
    }
    await wait(eventsPerRun, scope.signal)
  }
}
