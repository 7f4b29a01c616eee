/**
 * An agent whose code runs with the context of its run ambient: what it calls can refuse an explicit context with more
 * rights, or of another run.
 */
import type { runWithContext } from 'user-execution-context/ambient'
import type { Agent, AgentEvent } from '../ports/agent.ts'

/** runWithContext() of `user-execution-context/ambient`. */
export type RunWithContext = typeof runWithContext

/** The same agent, each of whose steps runs with the context of its scope ambient. */
export const toAmbientAgent =
  (agent: Agent, ambient: RunWithContext): Agent =>
  (scope, input) => {
    const run = <Result>(call: () => Result): Result => ambient(scope.context, call)
    const iterator = run(() => agent(scope, input)[Symbol.asyncIterator]())
    // Each step on its own: a generator goes on with what is ambient where it is asked, and not where it began.
    const step: AsyncIterator<AgentEvent> = {
      next: () => run(() => iterator.next()),
      ...(iterator.return && { return: () => run(() => iterator.return!()) }),
    }
    return { [Symbol.asyncIterator]: () => step }
  }
