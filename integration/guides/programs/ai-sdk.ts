import { generateText, isStepCount, tool, type LanguageModel } from 'ai'
import { z } from 'zod'
import { deriveChild, toOwnerKey, type UserExecutionContext } from 'user-execution-context'

const notes = new Map<string, string[]>()

/** The tools of one user: the context is in the closure, so the model can neither see it nor name another. */
const toolsOf = (context: UserExecutionContext) => ({
  addNote: tool({
    description: 'Adds a note',
    inputSchema: z.object({ text: z.string() }),
    execute: async ({ text }) => {
      const owner = toOwnerKey(deriveChild(context, 'add-note'))
      notes.set(owner, [...(notes.get(owner) ?? []), text])
      return notes.get(owner)!
    },
  }),
})

export const answer = async (context: UserExecutionContext, model: LanguageModel, prompt: string) => {
  const { text } = await generateText({ model, prompt, tools: toolsOf(context), stopWhen: isStepCount(5) })
  return text
}
