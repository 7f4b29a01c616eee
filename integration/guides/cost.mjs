// What a call costs with our context and without: a program of programs/ and the same of bare/, with a model that does
// what its user says and costs next to nothing. Each call is of another user, who is verified first.
//   node --expose-gc cost.mjs ai-sdk|langgraph|mastra|openai-agents ours|control
import { MockMemory } from '@mastra/core/memory'
import { compareAsync } from '../../bench/measure.mjs'
import { createForUser, identityProvider } from 'user-execution-context'
import { inProcessReplayMemory, sealingKeys } from '@user-execution-context/transfer'
import { noteModel, refundModel } from './models.mjs'
import * as bareAiSdk from './bare/ai-sdk.ts'
import * as bareGraph from './bare/langgraph.ts'
import * as bareMastra from './bare/mastra.ts'
import * as bareAgents from './bare/openai-agents.ts'
import * as aiSdk from './programs/ai-sdk.ts'
import * as graph from './programs/langgraph.ts'
import * as mastra from './programs/mastra.ts'
import * as agents from './programs/openai-agents.ts'

const verify = async (token) => ({ userId: `user-${token}` })
const identity = identityProvider({ name: 'tokens', verify })
let calls = 0
const asUser = async (call) => call(createForUser(await identity(String(calls++))))
const asText = async (call) => call((await verify(String(calls++))).userId)

const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const { sealer, opener } = sealingKeys({
  workload: 'agents',
  keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'runs-1', k: secret }],
})
const opening = { opener, replay: inProcessReplayMemory() }
const model = noteModel([], () => 'a note')
const [agent, bareAgent] = [mastra, bareMastra].map(({ openAgent }) => openAgent(model, new MockMemory()))
const [support, bareSupport] = [agents, bareAgents].map(({ supportAgent }) => supportAgent(refundModel()))

const pairs = {
  'ai-sdk': {
    ours: () => asUser((user) => aiSdk.answer(user, model, 'Keep this.')),
    bare: () => asText((user) => bareAiSdk.answer(user, model, 'Keep this.')),
  },
  'langgraph': {
    ours: () => asUser((user) => graph.addNote(user, 'thread', 'a note')),
    bare: () => asText((user) => bareGraph.addNote(user, 'thread', 'a note')),
  },
  'mastra': {
    ours: () => asUser((user) => mastra.answer(agent, user, 'thread', 'Keep this.')),
    bare: () => asText((user) => bareMastra.answer(bareAgent, user, 'thread', 'Keep this.')),
  },
  'openai-agents': {
    ours: () =>
      asUser(async (user) =>
        agents.approve(support, user, await agents.suspend(support, user, 'Refund me', sealer), opening),
      ),
    bare: () =>
      asText(async (user) => bareAgents.approve(bareSupport, await bareAgents.suspend(bareSupport, user, 'Refund me'))),
  },
}
const [name, kind] = process.argv.slice(2)
const { ours, bare } = pairs[name]
console.log(JSON.stringify(await compareAsync(kind === 'ours' ? ours : bare, bare, { operations: 60, rounds: 21 })))
process.exit(0)
