import { tool, ToolLoopAgent, type LanguageModel, type ModelMessage } from 'ai'
import { z } from 'zod'
import { deriveChild, encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'

type Own = { readonly user: UserExecutionContext }
const notes = new Map<string, string[]>()
const threads = new Map<string, ModelMessage[]>()

const ownerOf = (context: unknown, step: string) => toOwnerKey(deriveChild((context as Own).user, step))
const tools = {
  addNote: tool({
    description: 'Adds a note',
    inputSchema: z.object({ text: z.string() }),
    execute: async ({ text }, { experimental_context: context }) => {
      const owner = ownerOf(context, 'add-note')
      notes.set(owner, [...(notes.get(owner) ?? []), text])
      return notes.get(owner)!
    },
  }),
  dropNotes: tool({
    description: 'Drops all notes',
    inputSchema: z.object({}),
    needsApproval: true,
    execute: async (_input, { experimental_context: context }) => notes.delete(ownerOf(context, 'drop-notes')),
  }),
}

/** One agent for all users: whose run it is comes with the call, and not with what the model or a message says. */
export const openAgent = (model: LanguageModel) =>
  new ToolLoopAgent<Own, typeof tools>({
    model,
    tools,
    prepareCall: ({ options, ...rest }) => ({ ...rest, experimental_context: options }),
  })

/** Goes on in a thread of this user's own, whatever name it has. The run stops where a tool waits for an approval. */
export const say = async (
  agent: ReturnType<typeof openAgent>,
  user: UserExecutionContext,
  thread: string,
  message: ModelMessage,
) => {
  const key = encodeKey([toOwnerKey(user), thread])
  const messages = [...(threads.get(key) ?? []), message]
  const result = await agent.generate({ messages, options: { user } })
  threads.set(key, [...messages, ...result.response.messages])
  return result
}
