/**
 * What a run said before it was taken up by another worker, as its log has it.
 */
import type { EventLog, RunKey } from '../ports/event-log.ts'
import { runStart, type RunPosition } from '../ports/run-position.ts'
import type { RunEvent } from '../wire/wire-envelope.ts'
import type { EarlierEvents } from './run-recorder.ts'

const pageSize = 256

/**
 * Reads a run from its start. Of a run whose start was trimmed the answer is what is left.
 *
 * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND`.
 */
export const readEarlierEvents = async (eventLog: EventLog, key: RunKey): Promise<EarlierEvents> => {
  const openTools = new Map<string, string>()
  let answer = ''
  let outputBytes = 0
  for (let after: RunPosition = runStart; ;) {
    const { events } = await eventLog.read(key, after, pageSize)
    for (const { text, bytes } of events) {
      const { type, data } = JSON.parse(text) as RunEvent
      if (type !== 'agent_started') outputBytes += bytes
      if (type === 'agent_message_delta') answer += data.text
      else if (type === 'tool_executing') openTools.set(data.toolCallId, data.toolName)
      else if (type === 'tool_completed') openTools.delete(data.toolCallId)
    }
    const last = events.at(-1)
    if (last === undefined) return { answer, openTools, outputBytes }
    after = last
  }
}
