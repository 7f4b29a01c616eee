// programs/mastra.ts without this package: whose note it is says a text.
import { Agent, type AgentConfig } from '@mastra/core/agent'
import { RequestContext } from '@mastra/core/request-context'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'

const notes = new Map<string, string[]>()

const addNote = createTool({
  id: 'add-note',
  description: 'Adds a note',
  inputSchema: z.object({ text: z.string() }),
  execute: async ({ text }, { requestContext }) => {
    const owner = requestContext?.get('user') as string
    notes.set(owner, [...(notes.get(owner) ?? []), text])
    return { notes: notes.get(owner)! }
  },
})

export const openAgent = (model: AgentConfig['model'], memory?: AgentConfig['memory']) =>
  new Agent({
    id: 'notes',
    name: 'notes',
    instructions: 'Keep notes.',
    model,
    tools: { addNote },
    ...(memory && { memory }),
  })

export const answer = async (agent: Agent, owner: string, thread: string, prompt: string) => {
  const memory = { resource: owner, thread: `${owner}/${thread}` }
  const requestContext = new RequestContext<unknown>([['user', owner]])
  return (await agent.generate(prompt, { requestContext, memory })).text
}
