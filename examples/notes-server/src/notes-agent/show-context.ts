/**
 * Shows users the context that their run runs in: who verified them, who acts, which rights there are, when it ends.
 */
import { toLogFields, type JsonInput, type UserExecutionContext } from 'user-execution-context'
import type { Agent } from '@user-execution-context/golden-path'

/** The name of the tool call that carries the context. The page takes it by this name. */
export const contextTool = 'show-context'

/**
 * Puts a tool call before the events of an agent, with what may be logged of the run's context as its output. As a part
 * of the run it goes to whom the run goes to, and nobody else: there is no route that a stranger could ask.
 */
export const showContext = (agent: Agent): Agent =>
  async function* answer(scope, input) {
    const { context } = scope
    // The agent's own tools run in child scopes, which have other request ids.
    const call = { toolCallId: context.requestId as string, toolName: contextTool }
    yield { type: 'tool_executing', ...call, input: {} }
    yield { type: 'tool_completed', ...call, output: toOutput(context) }
    yield* agent(scope, input)
  }

// JSON has no undefined. The rights are no log field, and may be logged.
function toOutput(context: UserExecutionContext): JsonInput {
  const fields = { ...toLogFields(context), permissions: [...context.permissions] }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
