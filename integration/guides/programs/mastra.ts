import { Agent, type AgentConfig } from '@mastra/core/agent'
import { RequestContext } from '@mastra/core/request-context'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { deriveChild, encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'

const notes = new Map<string, string[]>()

const addNote = createTool({
  id: 'add-note',
  description: 'Adds a note',
  inputSchema: z.object({ text: z.string() }),
  execute: async ({ text }, { requestContext }) => {
    const owner = toOwnerKey(deriveChild(requestContext?.get('user') as UserExecutionContext, 'add-note'))
    notes.set(owner, [...(notes.get(owner) ?? []), text])
    return { notes: notes.get(owner)! }
  },
})

/** One agent for all users: whose run it is comes with the run. */
export const openAgent = (model: AgentConfig['model'], memory?: AgentConfig['memory']) =>
  new Agent({
    id: 'notes',
    name: 'notes',
    instructions: 'Keep notes.',
    model,
    tools: { addNote },
    ...(memory && { memory }),
  })

/** A thread is its owner's: whoever names the thread of another user gets an empty one of their own. */
export const answer = async (agent: Agent, context: UserExecutionContext, thread: string, prompt: string) => {
  const resource = toOwnerKey(context)
  const memory = { resource, thread: encodeKey([resource, thread]) }
  const requestContext = new RequestContext<unknown>([['user', context]])
  return (await agent.generate(prompt, { requestContext, memory })).text
}
