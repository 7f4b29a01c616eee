/**
 * The end of a run that no agent is called for, written by its queue.
 */
import type { ThreadId } from 'user-execution-context'
import type { EventLog, EventWriter, RunKey } from '../ports/event-log.ts'
import type { Limits } from '../limits.ts'
import { IsoClock } from './envelope-writer.ts'
import { readEarlierEvents } from './read-earlier-events.ts'
import { RunRecorder, type RunEnd } from './run-recorder.ts'

/** A run that a queue ends itself. */
export type UnexecutedRun = {
  readonly run: RunKey
  readonly threadId: ThreadId
  readonly writer: EventWriter
  readonly eventLog: EventLog
  readonly limits: Limits
}

/** How it ends: with the error of a failure, or with the reason of a cancellation. */
export type UnexecutedRunEnd = Extract<RunEnd, { readonly type: 'agent_failed' | 'agent_cancelled' }>

/**
 * Ends a run for a queue that cannot give it to an agent: its context does not open, or too many workers were lost with
 * it. Tool calls that its readers saw opened are closed before, as executeRun() does.
 *
 * @param unexecuted - The run, opened for writing.
 * @param end - How it ends. A client is told what toClientAnswer() makes of an error.
 * @throws {ContextError} `ERR_CONTEXT_WRITE_FENCED` when another worker has the run, or the log has its end already.
 * @example
 * ```ts
 * import { ContextError } from 'user-execution-context'
 * import { endUnexecutedRun, type UnexecutedRun } from '@user-execution-context/golden-path'
 *
 * export const giveUp = (run: UnexecutedRun): Promise<void> =>
 *   endUnexecutedRun(run, { type: 'agent_failed', error: new ContextError('ERR_CONTEXT_WORKER_LOST') })
 * ```
 */
export const endUnexecutedRun = async (
  { run, threadId, writer, eventLog, limits }: UnexecutedRun,
  end: UnexecutedRunEnd,
): Promise<void> => {
  const recorder = new RunRecorder({ threadId, runId: run.runId }, writer, limits, new IsoClock())
  if (writer.lastSequence > 0) recorder.takeUp(await readEarlierEvents(eventLog, run))
  await recorder.finish(end)
}
