/**
 * From a row of the queue to the job of a user.
 */
import { isContextError, type ThreadId } from 'user-execution-context'
import { endUnexecutedRun } from '@user-execution-context/golden-path'
import type { EventWriter, RunEvent, RunJob, RunKey } from '@user-execution-context/golden-path'
import { openSealed } from '@user-execution-context/transfer'
import type { ClaimRow } from './claim-row.ts'
import { toJobParts } from './job-text.ts'
import { jobHop, type PostgresRunQueueOptions } from './queue-options.ts'

/** Opens a job: the context must be of the run that the row names. */
export const unsealJob = async (
  { sealed_context: text, start_data: startData, thread_id: threadId, attempts, created_at_ms: createdAtMs }: ClaimRow,
  { runId }: RunKey,
  { opener, sessions }: PostgresRunQueueOptions,
): Promise<Omit<RunJob, 'writer'>> => {
  const { sealed, traceParent } = toJobParts(text)
  const context = await openSealed(sealed, { ...jobHop, opener, sessions, threadId: threadId as ThreadId, runId })
  const { input } = JSON.parse(startData) as Extract<RunEvent, { readonly type: 'agent_started' }>['data']
  // What a worker before this one had has not only waited.
  const queuedAtMs = attempts === 1 ? Number(createdAtMs) : undefined
  return { context, input, queuedAtMs, traceParent }
}

/** Ends a run that is not executed: its context does not open, or it has ended too many workers. */
export const endUnopenedRun = async (
  { thread_id: threadId }: ClaimRow,
  run: RunKey,
  writer: EventWriter,
  error: unknown,
  { eventLog, limits }: PostgresRunQueueOptions,
): Promise<void> => {
  const isIdentity = isContextError(error) && /^ERR_CONTEXT_(?:IDENTITY|SEAL_EXPIRED)/.test(error.code)
  await endUnexecutedRun(
    { run, threadId: threadId as ThreadId, writer, eventLog, limits },
    isIdentity ? { type: 'agent_cancelled', reason: 'identity_ended' } : { type: 'agent_failed', error },
  )
}
