// Models for the programs with agents: each does what its user says, and asks nobody.
import { Usage } from '@openai/agents-core'
import { MockLanguageModelV4 } from 'ai/test'

/** A model that calls the tool once, and then says what the tool gave. */
export function noteModel(prompts, toText) {
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
  return new MockLanguageModelV4({
    doGenerate: async ({ prompt }) => {
      prompts.push(JSON.stringify(prompt))
      const last = prompt.at(-1)
      const result = last.role === 'tool'
      const input = JSON.stringify({ text: toText(prompt) })
      const call = { type: 'tool-call', toolCallId: crypto.randomUUID(), toolName: 'addNote', input }
      const content = result ? { type: 'text', text: JSON.stringify(last.content[0].output.value) } : call
      const finishReason = { unified: result ? 'stop' : 'tool-calls', raw: undefined }
      return { content: [content], finishReason, usage, warnings: [] }
    },
  })
}

/** A model of OpenAI agents that takes the refund for its tool once, and then says what came of it. */
export const refundModel = () => ({
  name: 'stub',
  getResponse: async ({ input }) => {
    const result = Array.isArray(input) ? input.find(({ type }) => type === 'function_call_result') : undefined
    const call = { type: 'function_call', callId: 'call-1', name: 'refund', status: 'completed', arguments: '{}' }
    const said = { type: 'output_text', text: JSON.stringify(result?.output) }
    const message = { type: 'message', role: 'assistant', status: 'completed', content: [said] }
    return { usage: new Usage(), output: [result ? message : call] }
  },
  async *getStreamedResponse() {},
})
