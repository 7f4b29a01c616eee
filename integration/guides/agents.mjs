// What the programs with agents must show: a tool acts for its user, whom neither the model nor a stored state names.
import { MockMemory } from '@mastra/core/memory'
import { MockLanguageModelV4 } from 'ai/test'
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { inProcessReplayMemory, sealingKeys } from '@user-execution-context/transfer'
import { createForUser, encodeKey, identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import * as aiSdk from './programs/ai-sdk.ts'
import * as aiSdkAgent from './programs/ai-sdk-agent.ts'
import * as graph from './programs/langgraph.ts'
import * as threads from './programs/langgraph-handles.ts'
import * as mastra from './programs/mastra.ts'
import * as agents from './programs/openai-agents.ts'
import { expectApart } from './expect-apart.mjs'
import { noteModel, refundModel } from './models.mjs'
import { visitor } from './users.mjs'

const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const ring = sealingKeys({ workload: 'agents', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'runs-1', k: secret }] })
const notIssued = { code: 'ERR_CONTEXT_NOT_ISSUED' }

export const agentGuides = [
  { library: 'ai', what: 'an agent stops for an approval, and goes on for its user only', run: expectAgent },
  { library: 'ai', what: 'a tool acts for its user, whom the model never sees', run: expectTools },
  {
    library: '@openai/agents-core',
    what: 'a stored run names nobody, and goes on for its user only',
    run: expectApproval,
  },
  { library: '@langchain/langgraph', what: "a thread is its owner's", run: expectThreads },
  {
    library: '@langchain/langgraph',
    what: 'a thread that waits is resumed by the handle of its user only, once',
    run: expectHandles,
  },
  { library: '@mastra/core', what: "a tool acts for its user, and a thread is its owner's", run: expectMastra },
]

async function expectTools() {
  const prompts = []
  const modelOf = (name) => noteModel(prompts, () => `secret of ${name}`)
  await expectApart({ sdk: 'AI SDK', library: 'ai', program: 'ai-sdk.ts' }, (user, name) =>
    aiSdk.answer(user, modelOf(name), 'Keep this.'),
  )
  assert.doesNotMatch(prompts.join(), /visitor-/)
}

async function expectAgent() {
  const [carol, dave] = [await visitor('carol'), await visitor('dave')]
  const prompts = []
  const model = commandModel(prompts)
  const say = (user, thread, content) => aiSdkAgent.say(user, model, thread, { role: 'user', content })
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const [user, name] = index % 2 === 0 ? [carol, 'carol'] : [dave, 'dave']
      return { name, text: (await say(user, `thread-${index}`, `addNote: secret of ${name}`)).text }
    }),
  )
  for (const { name, text } of answers) {
    assert.ok(text.includes(`secret of ${name}`), text)
    assert.ok(!text.includes(`secret of ${name === 'carol' ? 'dave' : 'carol'}`), text)
  }

  const stopped = await say(carol, 'shared name', 'dropNotes: now')
  const { approvalId } = stopped.content.find(({ type }) => type === 'tool-approval-request')
  const response = { type: 'tool-approval-response', approvalId, approved: true }
  const approve = (user) => aiSdkAgent.say(user, model, 'shared name', { role: 'tool', content: [response] })
  // The same thread, by its name, and her approval: his thread has no such request, and her notes stay.
  await assert.rejects(approve(dave))
  assert.match((await say(carol, 'thread-0', 'addNote: one more')).text, /secret of carol.*one more/)
  assert.match((await approve(carol)).text, /true/)
  assert.doesNotMatch((await say(carol, 'thread-0', 'addNote: the first')).text, /secret of carol/)

  // A user with the permission is not asked, and a copy is nobody.
  const erin = await visitor('erin', ['notes:drop'])
  assert.match((await say(erin, 'thread-1', 'dropNotes: now')).text, /false/)
  await assert.rejects(say({ ...carol }, 'thread-1', 'addNote: of nobody'), notIssued)
  assert.doesNotMatch(prompts.join(), /visitor-/)
}

/** A model that calls the tool which the last message of the user names, and then says what the tool gave. */
function commandModel(prompts) {
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
  return new MockLanguageModelV4({
    doGenerate: async ({ prompt }) => {
      prompts.push(JSON.stringify(prompt))
      const last = prompt.at(-1)
      const given = last.role === 'tool' ? last.content.find(({ type }) => type === 'tool-result') : undefined
      const asked = prompt.findLast(({ role }) => role === 'user').content[0].text
      const [toolName, text] = asked.split(': ')
      const input = JSON.stringify(toolName === 'addNote' ? { text } : {})
      const call = { type: 'tool-call', toolCallId: crypto.randomUUID(), toolName, input }
      const content = given ? { type: 'text', text: JSON.stringify(given.output.value) } : call
      const finishReason = { unified: given ? 'stop' : 'tool-calls', raw: undefined }
      return { content: [content], finishReason, usage, warnings: [] }
    },
  })
}

async function expectApproval() {
  const agent = agents.supportAgent(refundModel())
  const [carol, dave] = [await visitor('carol'), await visitor('dave')]
  const suspend = (user) => agents.suspend(agent, user, 'Refund me', ring.sealer)
  const opening = { opener: ring.opener, replay: inProcessReplayMemory() }
  const approve = (user, resting) => agents.approve(agent, user, resting, opening)
  const [carols, daves] = [await suspend(carol), await suspend(dave)]
  for (const { state, sealed } of [carols, daves]) assert.doesNotMatch(state + sealed, /visitor-/)

  // Dave presents what Carol's run left, and then her state beside a seal of his own.
  await assert.rejects(approve(dave, carols), { code: 'ERR_CONTEXT_SEAL_SUBJECT' })
  const mixed = { state: carols.state, sealed: daves.sealed }
  await assert.rejects(approve(dave, mixed), { code: 'ERR_CONTEXT_SEAL_BINDING' })

  assert.match(await approve(carol, carols), /refunded visitor-carol/)
  assert.match(await approve(dave, daves), /refunded visitor-dave/)
  // One approval is one refund: again, by the same user and from the same text, and twice at once.
  await assert.rejects(approve(carol, carols), { code: 'ERR_CONTEXT_SEAL_REPLAYED' })
  const again = await suspend(carol)
  const outcomes = await Promise.allSettled([approve(carol, again), approve(carol, again)])
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const row = { sdk: 'OpenAI agents', library: '@openai/agents-core', program: 'openai-agents.ts' }
  await expectApart(row, async (user) => approve(user, await suspend(user)))
}

async function expectThreads() {
  const [carol, dave] = [await visitor('carol'), await visitor('dave')]
  await graph.addNote(carol, 'thread-1', 'secret of carol')
  assert.deepEqual(await graph.addNote(dave, 'thread-1', 'secret of dave'), ['secret of dave'])
  assert.deepEqual(await graph.addNote(carol, 'thread-1', 'more'), ['secret of carol', 'more'])
  const row = { sdk: 'LangGraph', library: '@langchain/langgraph', program: 'langgraph.ts' }
  await expectApart(row, async (user, name, index) =>
    String(await graph.addNote(user, `thread-${index >> 1}`, `secret of ${name}`)),
  )
}

async function expectHandles() {
  const [carol, dave] = [await visitor('carol'), await visitor('dave')]
  const [hers, his] = [await threads.propose(carol, 'ducks'), await threads.propose(dave, 'geese')]
  assert.equal(await threads.answer(dave, hers, 'yes'), undefined)
  assert.equal(await threads.answer(carol, his, 'yes'), undefined)
  assert.equal(await threads.answer(carol, 'no handle', 'yes'), undefined)
  // The tries of another user have used nothing up, and of two answers at once one goes on.
  const answers = await Promise.all(['yes', 'yes'].map((word) => threads.answer(carol, hers, word)))
  assert.deepEqual(
    answers.filter((state) => state !== undefined),
    [{ draft: 'ducks', isPublished: true }],
  )
  assert.deepEqual(await threads.answer(dave, his, 'no'), { draft: 'geese', isPublished: false })
  await expectEndOfHandles()
}

async function expectEndOfHandles() {
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const verify = (userId) => ({ userId, issuedAtMs: Date.now() })
  const signIn = identityProvider({ name: 'handles', sessions, verify })
  const erin = createForUser(await signIn('visitor-erin'))
  const held = () => Object.keys(threads.checkpointer.storage).length
  const before = held()
  const handle = await threads.propose(erin, 'swans')
  assert.equal(held(), before + 1)
  await sessions.revoke({ session: erin })
  await pause(50)
  const again = createForUser(await signIn('visitor-erin'))
  assert.equal(await threads.answer(again, handle, 'yes'), undefined)
  assert.equal(held(), before)
}

async function expectMastra() {
  const prompts = []
  // The model repeats what it is asked, as one that follows instructions of its user does.
  const model = noteModel(prompts, (prompt) => /secret of \w+/.exec(JSON.stringify(prompt.at(-1).content))[0])
  const memory = new MockMemory()
  const agent = mastra.openAgent(model, memory)
  const people = [await visitor('carol'), await visitor('dave')]
  const names = ['carol', 'dave']
  const ask = (index, thread) => mastra.answer(agent, people[index], thread, `Keep: secret of ${names[index]}.`)
  await expectApart({ sdk: 'Mastra', library: '@mastra/core', program: 'mastra.ts' }, (user, name, index) =>
    mastra.answer(agent, user, `thread-${index}`, `Keep: secret of ${name}.`),
  )
  // Dave names the thread of Carol's: nothing of hers is read to the model.
  await ask(0, 'shared name')
  prompts.length = 0
  await ask(1, 'shared name')
  assert.doesNotMatch(prompts.join(), /secret of carol/)
  await ask(1, 'shared name')
  assert.equal(prompts.at(-1).match(/Keep: secret of dave/g).length, 2)
  assert.doesNotMatch(prompts.join(), /visitor-/)
  const owners = people.map(toOwnerKey)
  for (const owner of owners) {
    const thread = await memory.getThreadById({ threadId: encodeKey([owner, 'shared name']) })
    assert.equal(thread.resourceId, owner)
  }
  await assert.rejects(mastra.answer(agent, { ...people[0] }, 'thread-1', 'Keep: secret of nobody.'), notIssued)
}
