/**
 * An agent whose code runs with the context of its run ambient: what it calls can refuse an explicit context with more
 * rights, or of another run.
 */
import type { runWithContext } from 'user-execution-context/ambient'
import type { Agent } from '../ports/agent.ts'
import { wrapSteps } from './wrap-steps.ts'

/** runWithContext() of `user-execution-context/ambient`. */
export type RunWithContext = typeof runWithContext

/** The same agent, each of whose steps runs with the context of its scope ambient. */
export const toAmbientAgent =
  (agent: Agent, ambient: RunWithContext): Agent =>
  (scope, input) =>
    wrapSteps(
      (call) => ambient(scope.context, call),
      () => agent(scope, input),
    )
