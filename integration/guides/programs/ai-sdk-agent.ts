import { tool, ToolLoopAgent, type LanguageModel, type ModelMessage } from 'ai'
import { z } from 'zod'
import { deriveChild, encodeKey, isUserExecutionContext, toOwnerKey } from 'user-execution-context'
import type { UserExecutionContext } from 'user-execution-context'

const notes = new Map<string, string[]>()
const threads = new Map<string, ModelMessage[]>()

/** What a tool gets beside its input. A copy of a context does not pass. */
const contextSchema = z.object({ user: z.custom<UserExecutionContext>(isUserExecutionContext) })
const tools = {
  addNote: tool({
    description: 'Adds a note',
    inputSchema: z.object({ text: z.string() }),
    contextSchema,
    execute: async ({ text }, { context: { user } }) => {
      const owner = toOwnerKey(deriveChild(user, 'add-note'))
      notes.set(owner, [...(notes.get(owner) ?? []), text])
      return notes.get(owner)!
    },
  }),
  dropNotes: tool({
    description: 'Drops all notes',
    inputSchema: z.object({}),
    contextSchema,
    execute: async (_input, { context: { user } }) => notes.delete(toOwnerKey(deriveChild(user, 'drop-notes'))),
  }),
}

/** An agent for one call of one user. A user without the permission approves each drop by hand. */
const agentOf = (user: UserExecutionContext, model: LanguageModel) =>
  new ToolLoopAgent({
    model,
    tools,
    runtimeContext: { user },
    toolsContext: { addNote: { user }, dropNotes: { user } },
    toolApproval: {
      dropNotes: (_input, { runtimeContext }) =>
        runtimeContext.user.permissions.includes('notes:drop') ? 'approved' : 'user-approval',
    },
  })

/** Goes on in a thread of this user's own, whatever name it has. The run stops where a tool waits for an approval. */
export const say = async (user: UserExecutionContext, model: LanguageModel, thread: string, message: ModelMessage) => {
  const key = encodeKey([toOwnerKey(user), thread])
  const messages = [...(threads.get(key) ?? []), message]
  const result = await agentOf(user, model).generate({ messages })
  threads.set(key, [...messages, ...result.response.messages])
  return result
}
