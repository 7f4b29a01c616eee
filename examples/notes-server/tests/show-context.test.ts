import { describe, expect, test } from 'vitest'
import { createForUser, runInScope, toLogFields, type UserExecutionContext } from 'user-execution-context'
import type { Agent, AgentEvent } from '@user-execution-context/golden-path'
import { contextTool, showContext } from '../src/notes-agent/show-context.ts'
import { contextTool as contextToolOfPage } from '../src/page/script/wire.ts'
import { newUser } from './users.ts'

const parrot: Agent = async function* (_scope, { text }) {
  yield { type: 'agent_message_delta', text }
}
const run = (context: UserExecutionContext): Promise<AgentEvent[]> =>
  runInScope(context, {}, async (scope) => {
    const events: AgentEvent[] = []
    for await (const event of showContext(parrot)(scope, { text: 'tea' })) events.push(event)
    return events
  })

describe('showContext', () => {
  test('puts the fields that may be logged and the rights before what the agent yields', async () => {
    const context = createForUser(newUser('canary-user', { permissions: ['notes:read', 'notes:write'] }))
    const [begun, done, ...rest] = await run(context)
    expect(begun).toMatchObject({ type: 'tool_executing', toolName: contextTool, input: {} })
    const logged = JSON.parse(JSON.stringify(toLogFields(context))) as object
    expect(done).toEqual({
      type: 'tool_completed',
      toolName: contextTool,
      toolCallId: context.requestId,
      output: { ...logged, permissions: ['notes:read', 'notes:write'] },
    })
    expect(rest).toEqual([{ type: 'agent_message_delta', text: 'tea' }])
  })

  test('shows no id of a user, no session and no metadata', async () => {
    const user = newUser('canary-user', { sessionId: 'canary-session' })
    const context = createForUser(user, { agentContext: { a: 'canary-a' }, auditMetadata: { b: 'canary-b' } })
    expect(JSON.stringify(await run(context))).not.toContain('canary')
  })

  test('has the name that the page takes it by', () => {
    expect(contextToolOfPage).toBe(contextTool)
  })
})
