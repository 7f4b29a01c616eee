/**
 * An agent with something of each user's to lose: it keeps what they add, in memory, and lists it. For tests only.
 */
import { toOwnerKey, type JsonInput, type Scope } from 'user-execution-context'
import type { Agent, AgentEvent } from '../../src/index.ts'

/** Makes one. Two servers that share no agent share no notes. */
export const notingAgent = (): Agent => {
  const notes = new Map<string, string[]>()
  return async function* answer(scope, { text }) {
    const own = notes.get(toOwnerKey(scope.context)) ?? []
    notes.set(toOwnerKey(scope.context), own)
    yield { type: 'agent_thinking', text: 'I look.' }
    const [verb, ...words] = text.split(' ')
    if (verb === 'add') own.push(words.join(' '))
    const found = verb === 'search' ? own.filter((note) => note.includes(words.join(' '))) : own
    yield* call(scope, `${verb}-note${verb === 'add' ? '' : 's'}`, { text: words.join(' ') }, [...found])
    const said =
      verb === 'add'
        ? `Kept as note ${own.length}.`
        : found.join('\n') || (verb === 'search' ? 'None of your notes holds that.' : 'You have no notes yet.')
    yield { type: 'agent_message_delta', text: said }
    yield { type: 'agent_completed', text: said }
  }
}

async function* call(
  scope: Scope,
  toolName: string,
  input: { readonly text: string },
  output: JsonInput,
): AsyncGenerator<AgentEvent> {
  const child = scope.child(toolName)
  const toolCallId: string = child.context.requestId
  yield { type: 'tool_executing', toolCallId, toolName, input }
  yield { type: 'tool_completed', toolCallId, toolName, output }
  await child.close()
}
