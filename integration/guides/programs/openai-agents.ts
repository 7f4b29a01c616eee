import { Agent, run, RunContext, RunState, tool, type Model } from '@openai/agents-core'
import { z } from 'zod'
import type { UserExecutionContext } from 'user-execution-context'

type Own = { readonly user: UserExecutionContext }

export const supportAgent = (model: Model) => {
  const refund = tool<z.ZodObject<{}>, Own>({
    name: 'refund',
    description: 'Gives money back',
    parameters: z.object({}),
    needsApproval: true,
    execute: async (_input, runContext) => `refunded ${runContext!.context.user.userId}`,
  })
  return new Agent<Own>({ name: 'support', model, tools: [refund] })
}

/** Runs until the agent waits for an approval. The text names nobody: store it below toOwnerKey(user). */
export const suspend = async (agent: Agent<Own>, user: UserExecutionContext, input: string): Promise<string> =>
  (await run(agent, input, { context: { user } })).state.toString()

/** Goes on as the user who is here now. Look the text up below toOwnerKey(user), so that it is theirs. */
export const approve = async (agent: Agent<Own>, user: UserExecutionContext, text: string) => {
  const state = await RunState.fromStringWithContext(agent, text, new RunContext<Own>({ user }), {
    contextStrategy: 'replace',
  })
  for (const interruption of state.getInterruptions()) state.approve(interruption)
  return (await run(agent, state)).finalOutput
}
