/**
 * Whether a run has ended, and how, as its log says.
 */
import type { EventLog, LoggedEvent, RunKey } from '../ports/event-log.ts'
import { isTerminal } from '../wire/wire-envelope.ts'

/**
 * The terminal event of a run, or undefined for one that has not ended.
 *
 * @param lastSequence - Of the run's newest event, as a page of its log says it.
 * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND`.
 */
export const readEnd = async (
  eventLog: EventLog,
  key: RunKey,
  lastSequence: number,
): Promise<LoggedEvent | undefined> => {
  if (lastSequence === 0) return undefined
  const {
    events: [last],
  } = await eventLog.read(key, lastSequence - 1, 1)
  return last !== undefined && isTerminal(last.type) ? last : undefined
}
