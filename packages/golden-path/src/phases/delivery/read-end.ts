/**
 * Whether a run has ended, and how, as its log says.
 */
import type { EventLog, EventPage, LoggedEvent, RunKey } from '../ports/event-log.ts'
import { isTerminal } from '../wire/wire-envelope.ts'

/**
 * The terminal event of a run, or undefined for one that has not ended.
 *
 * @param page - Any page of the run's log.
 * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND`.
 */
export const readEnd = async (
  eventLog: EventLog,
  key: RunKey,
  { epoch, lastSequence }: Pick<EventPage, 'epoch' | 'lastSequence'>,
): Promise<LoggedEvent | undefined> => {
  if (lastSequence === 0) return undefined
  const {
    events: [last],
  } = await eventLog.read(key, { epoch, sequence: lastSequence - 1 }, 1)
  return last !== undefined && isTerminal(last.type) ? last : undefined
}
