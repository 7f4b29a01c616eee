// programs/openai-agents.ts without this package: the state stores its user, and goes on for whoever presents it.
import { Agent, run, RunState, tool, type Model } from '@openai/agents-core'
import { z } from 'zod'

type Own = { readonly user: string }

export const supportAgent = (model: Model) => {
  const refund = tool<z.ZodObject<{}>, Own>({
    name: 'refund',
    description: 'Gives money back',
    parameters: z.object({}),
    needsApproval: true,
    execute: async (_input, runContext) => `refunded ${runContext!.context.user}`,
  })
  return new Agent<Own>({ name: 'support', model, tools: [refund] })
}

export const suspend = async (agent: Agent<Own>, user: string, input: string): Promise<string> =>
  (await run(agent, input, { context: { user } })).state.toString()

export const approve = async (agent: Agent<Own>, resting: string) => {
  const state = await RunState.fromString<Own, Agent<Own>>(agent, resting)
  for (const interruption of state.getInterruptions()) state.approve(interruption)
  return (await run(agent, state)).finalOutput
}
