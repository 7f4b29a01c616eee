/**
 * Executes a run and tells when it starts and how it ends.
 */
import { toClientAnswer } from 'user-execution-context'
import type { GoldenPathEvent, Observe, RunOutcome } from '../golden-path-event.ts'
import type { RunCancellation } from '../ports/run-cancellation.ts'
import type { RunJob } from '../ports/run-queue.ts'
import { executeRun, type ExecutedEnd, type RunParts } from './execute-run.ts'
import { isTraceParent } from './trace-parent.ts'

/** Executes a job. Never rejects. */
export const observeRun = async (
  job: RunJob,
  cancellation: RunCancellation,
  parts: RunParts,
  observe: Observe,
): Promise<void> => {
  const { context, queuedAtMs, traceParent: given } = job
  // It has come through a queue, which may be a table that others can write to.
  const traceParent = isTraceParent(given) ? given : undefined
  // The clocks of two machines differ: a run never waited less than nothing.
  const waitedMs = queuedAtMs === undefined ? undefined : Math.max(0, Date.now() - queuedAtMs)
  observe({ type: 'run-started', context, waitedMs, traceParent })
  const startedAtMs = performance.now()
  const end = await executeRun(job, cancellation, parts)
  observe({ type: 'run-ended', context, ...toFacts(end), durationMs: performance.now() - startedAtMs })
}

const outcomes: Readonly<Record<ExecutedEnd['type'], RunOutcome>> = {
  agent_completed: 'completed',
  agent_failed: 'failed',
  agent_cancelled: 'cancelled',
  abandoned: 'handed-on',
  lost: 'lost',
}

function toFacts(
  end: ExecutedEnd,
): Pick<Extract<GoldenPathEvent, { readonly type: 'run-ended' }>, 'outcome' | 'code' | 'reason'> {
  return {
    outcome: outcomes[end.type],
    code: end.type === 'agent_failed' ? toClientAnswer(end.error).code : undefined,
    reason: end.type === 'agent_cancelled' ? end.reason : undefined,
  }
}
