/**
 * What an agent gave, as the events that the executor takes one by one.
 */
import { ContextError } from 'user-execution-context'
import type { AgentEvent } from '../ports/agent.ts'

/**
 * The iterator of what an agent gave. An async function fits where the compiler does not look (JavaScript, a cast).
 *
 * @throws {ContextError} `ERR_CONTEXT_AGENT_EVENT_INVALID` for what gives no events.
 */
export const toEventIterator = (events: AsyncIterable<AgentEvent>): AsyncIterator<AgentEvent> => {
  const given = events as Partial<AsyncIterable<AgentEvent>> | null | undefined
  if (typeof given?.[Symbol.asyncIterator] === 'function') return events[Symbol.asyncIterator]()
  // A promise that nobody awaits ends the process when it fails, with the runs of all users.
  Promise.resolve(given).catch(() => {})
  throw new ContextError('ERR_CONTEXT_AGENT_EVENT_INVALID', {
    fix:
      'The agent was called and gave no events: write it as an async generator, `async function* (scope, input)`, ' +
      "that yields objects such as { type: 'agent_message_delta', text }.",
  })
}
