/**
 * An agent each of whose steps is called by another function: with a context that is ambient, or a span that is active.
 */
import { toEventIterator } from './agent-events.ts'
import type { AgentEvent } from '../ports/agent.ts'

/**
 * The same events, each asked for by `run`. A generator goes on with what is ambient where it is asked, and not where
 * it began.
 */
export const wrapSteps = (
  run: <Result>(call: () => Result) => Result,
  open: () => AsyncIterable<AgentEvent>,
): AsyncIterable<AgentEvent> => ({
  [Symbol.asyncIterator]: () => {
    const iterator = run(() => toEventIterator(open()))
    return {
      next: () => run(() => iterator.next()),
      ...(iterator.return && { return: (value?: unknown) => run(() => iterator.return!(value)) }),
    }
  },
})
