// programs/ai-sdk.ts without this package: whose note it is says a text.
import { generateText, isStepCount, tool, type LanguageModel } from 'ai'
import { z } from 'zod'

const notes = new Map<string, string[]>()

const toolsOf = (owner: string) => ({
  addNote: tool({
    description: 'Adds a note',
    inputSchema: z.object({ text: z.string() }),
    execute: async ({ text }) => {
      notes.set(owner, [...(notes.get(owner) ?? []), text])
      return notes.get(owner)!
    },
  }),
})

export const answer = async (owner: string, model: LanguageModel, prompt: string) => {
  const { text } = await generateText({ model, prompt, tools: toolsOf(owner), stopWhen: isStepCount(5) })
  return text
}
