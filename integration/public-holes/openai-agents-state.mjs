// OpenAI agents: a run that waits for an approval is stored as text, and the text holds the whole context of the user.
// Run: node openai-agents-state.mjs
import { Agent, Runner, tool, Usage } from '@openai/agents-core'
import { createForUser, identityProvider } from 'user-execution-context'
import { z } from 'zod'
import { showHole } from './hole.mjs'

/** A model that makes one call of the tool. Nothing leaves this process. */
const model = {
  name: 'stub',
  getResponse: async () => ({
    usage: new Usage(),
    output: [{ type: 'function_call', callId: 'call-1', name: 'refund', status: 'completed', arguments: '{}' }],
  }),
  async *getStreamedResponse() {},
}
const refund = tool({
  name: 'refund',
  description: 'Gives money back',
  parameters: z.object({}),
  needsApproval: true,
  execute: async (_input, { context }) => `refunded ${context.user.userId}`,
})
const agent = new Agent({ name: 'support', model, tools: [refund] })

/** What a database would keep of the waiting run. */
async function store(user) {
  const { state, interruptions } = await new Runner({ tracingDisabled: true }).run(agent, 'Refund me', {
    context: { user },
  })
  if (interruptions.length !== 1) return 'The run does not wait'
  const text = state.toString()
  const found = ['patient-4711', 'session-0815', 'vip'].filter((secret) => text.includes(secret))
  return found.length === 0 ? 'the stored run names nobody' : `the stored run holds ${found.join(', ')}`
}

const signIn = identityProvider({
  name: 'session',
  verify: () => ({ userId: 'patient-4711', sessionId: 'session-0815' }),
})

await showHole({
  hole: 'the stored state of a run, which names its user',
  libraries: ['@openai/agents-core'],
  bare: () => store({ userId: 'patient-4711', sessionId: 'session-0815', notes: 'vip' }),
  ours: async () => store(createForUser(await signIn('cookie'), { agentContext: { notes: 'vip' } })),
  isOpen: (words) => words.includes('holds'),
})
