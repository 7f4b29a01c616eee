/**
 * The trace that a run belongs to, on its way to the worker.
 */
import type { UserExecutionContext } from 'user-execution-context'

/** Gives the trace of a run as it is queued: a `traceparent` (W3C Trace Context). Called by whoever starts the run. */
export type TraceRun = (context: UserExecutionContext) => string | undefined

/** Version, trace, span and flags, in hex digits. It goes through a queue, so nothing else may be in it. */
const grammar = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Whether a text is a `traceparent`. */
export const isTraceParent = (value: unknown): value is string => typeof value === 'string' && grammar.test(value)

/** What a function gives, where it is one. A tracer that fails keeps no run from starting. */
export const findTraceParent = (traceRun: TraceRun | undefined, context: UserExecutionContext): string | undefined => {
  try {
    const given = traceRun?.(context)
    return isTraceParent(given) ? given : undefined
  } catch {
    return undefined
  }
}
