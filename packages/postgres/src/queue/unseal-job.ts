/**
 * From a row of the queue to the job of a user, or to the end of a run that no worker is given.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError, isContextError, toClientAnswer } from 'user-execution-context'
import { RunCancelled, endUnexecutedRun } from '@user-execution-context/golden-path'
import type { EventWriter, RunCancellation, RunEvent, RunJob } from '@user-execution-context/golden-path'
import type { UnexecutedEnd, UnexecutedRunEnd } from '@user-execution-context/golden-path'
import { openSealed } from '@user-execution-context/transfer'
import { toRunKey, type ClaimRow } from './claim-row.ts'
import { toJobParts } from './job-text.ts'
import { jobHop, type PostgresRunQueueOptions } from './queue-options.ts'

/** How often a job asks whether sign-outs are heard again, milliseconds. */
const askMs = 100

/**
 * Opens a job, or ends its run: its context does not open, or it has ended too many workers. While the process hears of
 * no sign-out the job waits here: an outage is no end of a run.
 *
 * @param writer - Of the run, which is open.
 * @param cancellation - Of the run: it ends the wait. Undefined is answered for a run that is abandoned meanwhile.
 * @param onUnexecutedEnd - Told of a run that was ended.
 * @throws {ContextError} As endUnexecutedRun().
 */
export const unsealJob = async (
  row: ClaimRow,
  writer: EventWriter,
  cancellation: RunCancellation,
  options: PostgresRunQueueOptions,
  onUnexecutedEnd: (end: UnexecutedEnd) => void,
): Promise<RunJob | undefined> => {
  const { maxAttempts = 5, onError } = options
  const end = (error: unknown): Promise<undefined> => endRun(row, writer, toEnd(error), options, onUnexecutedEnd)
  // What it does may be what ended the workers before.
  if (row.attempts > maxAttempts) return end(new ContextError('ERR_CONTEXT_WORKER_LOST'))
  for (;;) {
    try {
      return { ...(await unseal(row, options)), writer }
    } catch (error) {
      if (!isUnknown(error)) {
        onError?.(error)
        return end(error)
      }
    }
    while (cancellation.cancelled === undefined) {
      await pause(askMs)
      if (options.sessions.isLivenessKnown) break
    }
    if (cancellation.cancelled?.reason === 'abandoned') return undefined
    if (cancellation.cancelled !== undefined) return end(cancellation.cancelled)
  }
}

function isUnknown(error: unknown): boolean {
  return isContextError(error) && error.code === 'ERR_CONTEXT_LIVENESS_UNKNOWN'
}

/** The context must be of the run that the row names. */
async function unseal(
  { sealed_context: text, start_data: startData, created_at_ms: createdAtMs, ...row }: ClaimRow,
  { opener, sessions }: PostgresRunQueueOptions,
): Promise<Omit<RunJob, 'writer'>> {
  const { sealed, traceParent } = toJobParts(text)
  const { threadId, runId } = toIds(row)
  const context = await openSealed(sealed, { ...jobHop, opener, sessions, threadId, runId })
  const { input } = JSON.parse(startData) as Extract<RunEvent, { readonly type: 'agent_started' }>['data']
  // What a worker before this one had has not only waited.
  const queuedAtMs = row.attempts === 1 ? Number(createdAtMs) : undefined
  return { context, input, queuedAtMs, traceParent }
}

async function endRun(
  row: ClaimRow,
  writer: EventWriter,
  end: UnexecutedRunEnd,
  { eventLog, limits }: PostgresRunQueueOptions,
  onUnexecutedEnd: (end: UnexecutedEnd) => void,
): Promise<undefined> {
  const ids = toIds(row)
  try {
    await endUnexecutedRun({ run: toRunKey(row), threadId: ids.threadId, writer, eventLog, limits }, end)
  } catch (error) {
    // Another worker has the run, and tells its end.
    if (!isContextError(error) || error.code !== 'ERR_CONTEXT_WRITE_FENCED')
      onUnexecutedEnd({ ...ids, outcome: 'lost' })
    throw error
  }
  onUnexecutedEnd({ ...ids, ...toFacts(end) })
}

function toEnd(error: unknown): UnexecutedRunEnd {
  if (error instanceof RunCancelled) return toCancelledEnd(error)
  const isIdentity = isContextError(error) && /^ERR_CONTEXT_(?:IDENTITY|SEAL_EXPIRED)/.test(error.code)
  return isIdentity ? { type: 'agent_cancelled', reason: 'identity_ended' } : { type: 'agent_failed', error }
}

function toFacts(end: UnexecutedRunEnd): Pick<UnexecutedEnd, 'outcome' | 'code' | 'reason'> {
  return end.type === 'agent_failed'
    ? { outcome: 'failed', code: toClientAnswer(end.error).code }
    : { outcome: 'cancelled', reason: end.reason }
}

/** As executeRun() ends a run that is cancelled. */
function toCancelledEnd({ reason }: RunCancelled): UnexecutedRunEnd {
  if (reason !== 'shutdown' && reason !== 'abandoned') return { type: 'agent_cancelled', reason }
  return { type: 'agent_failed', error: new ContextError('ERR_CONTEXT_RUN_DRAINED') }
}

type Ids = Pick<UnexecutedEnd, 'threadId' | 'runId' | 'requestId'>

function toIds({
  thread_id: threadId,
  run_id: runId,
  request_id: requestId,
}: Pick<ClaimRow, 'thread_id' | 'run_id' | 'request_id'>): Ids {
  return { threadId, runId, requestId } as Ids
}
