import { Agent, run, RunContext, RunState, tool, type Model } from '@openai/agents-core'
import { z } from 'zod'
import type { UserExecutionContext } from 'user-execution-context'
import { openSealed, sealContext, type Opener, type ReplayMemory, type Sealer } from '@user-execution-context/transfer'

type Own = { readonly user: UserExecutionContext }
type Resting = { readonly state: string; readonly sealed: string }
type Opening = { readonly opener: Opener; readonly replay: ReplayMemory }

const hop = { audience: 'agents', purpose: 'resume-run' }
const bytes = (text: string) => new TextEncoder().encode(text)

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

/** Runs until the agent waits for an approval. The state names nobody; the seal is bound to it and to its user. */
export const suspend = async (
  agent: Agent<Own>,
  user: UserExecutionContext,
  input: string,
  sealer: Sealer,
): Promise<Resting> => {
  const state = (await run(agent, input, { context: { user } })).state.toString()
  const sealed = await sealContext(user, { ...hop, sealer, ttlMs: 3_600_000, once: true, bind: bytes(state) })
  return { state, sealed }
}

/** Goes on as the user who is here now, once, and only with a state that was sealed for them. */
export const approve = async (agent: Agent<Own>, caller: UserExecutionContext, resting: Resting, opening: Opening) => {
  const bind = bytes(resting.state)
  const user = await openSealed(resting.sealed, { ...hop, ...opening, owner: caller, bind, liveness: 'end-only' })
  const state = await RunState.fromStringWithContext(agent, resting.state, new RunContext<Own>({ user }), {
    contextStrategy: 'replace',
  })
  for (const interruption of state.getInterruptions()) state.approve(interruption)
  return (await run(agent, state)).finalOutput
}
