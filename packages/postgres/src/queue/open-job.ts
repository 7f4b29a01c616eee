/**
 * From a row of the queue to the job of a user.
 */
import { isContextError, toClientAnswer, type ThreadId } from 'user-execution-context'
import type { EventWriter, RunEvent, RunEventType, RunJob, RunKey } from '@user-execution-context/golden-path'
import { openSealed } from '@user-execution-context/transfer'
import type { ClaimRow } from './claim-row.ts'
import { jobHop, type PostgresRunQueueOptions } from './queue-options.ts'

/** Opens a job: the context must be of the run that the row names. */
export const openJob = async (
  { sealed_context: text, start_data: startData, thread_id: threadId }: ClaimRow,
  { runId }: RunKey,
  { opener, sessions }: PostgresRunQueueOptions,
): Promise<Pick<RunJob, 'context' | 'input'>> => {
  const context = await openSealed(text, { ...jobHop, opener, sessions, threadId: threadId as ThreadId, runId })
  const { input } = JSON.parse(startData) as Extract<RunEvent, { readonly type: 'agent_started' }>['data']
  return { context, input }
}

/** Ends a run that is not executed: its context does not open, or it has ended too many workers. */
export const endUnopenedRun = async (
  { thread_id: threadId, run_id: runId, request_id: requestId }: ClaimRow,
  { epoch, lastSequence, append }: EventWriter,
  error: unknown,
): Promise<void> => {
  const isIdentity = isContextError(error) && /^ERR_CONTEXT_(?:IDENTITY|SEAL_EXPIRED)/.test(error.code)
  const { code, message } = toClientAnswer(error)
  const type: RunEventType = isIdentity ? 'agent_cancelled' : 'agent_failed'
  const data = isIdentity ? { reason: 'identity_ended' } : { code, message }
  const sequence = lastSequence + 1
  const timestamp = new Date().toISOString()
  const text = JSON.stringify({ version: 1, epoch, sequence, type, timestamp, threadId, runId, requestId, data })
  await append({ epoch, sequence, type, text, bytes: Buffer.byteLength(text) })
}
