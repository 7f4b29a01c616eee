// A LangGraph thread that waits for an answer: whoever resumes it must be its user, whatever thread id they name.
import { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { inProcessReplayMemory, openSealed, sealContext, sealingKeys } from '@user-execution-context/transfer'
import { createRequire } from 'node:module'
import { createForUser, deriveChild, identityProvider, parseThreadId } from 'user-execution-context'
import { check, expectNone } from '../harness/check.mjs'

const { version } = createRequire(import.meta.url)('@langchain/langgraph/package.json')
const environment = `transfer, @langchain/langgraph ${version}`
const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const ring = () =>
  sealingKeys({ workload: 'agents', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'threads-1', k: secret }] })
const signIn = identityProvider({ name: 'session', verify: (facts) => facts })
const contextOf = async (facts, run) => createForUser(await signIn(facts), run)
const hop = { audience: 'agents', purpose: 'resume-thread' }
const bytes = (text) => new TextEncoder().encode(text)

const State = Annotation.Root({ note: Annotation(), sealed: Annotation(), published: Annotation() })
const published = []
/**
 * The graph takes the context through `configurable`, as LangGraph hands objects on; the checkpoint holds the text
 * only.
 */
const graph = new StateGraph(State)
  .addNode('draft', async ({ note }, { configurable }) => {
    const context = deriveChild(configurable.context, 'draft', { agentContext: { note } })
    const { sealer } = ring()
    const bind = bytes(configurable.thread_id)
    return { sealed: await sealContext(context, { ...hop, sealer, ttlMs: 60_000, once: true, bind, carry: true }) }
  })
  .addNode('publish', ({ note }, { configurable }) => {
    if (interrupt({ question: 'Publish?' }) !== 'yes') return { published: 'no' }
    published.push({ userId: configurable.context.userId, note, carried: configurable.context.agentContext.note })
    return { published: configurable.context.userId }
  })
  .addEdge(START, 'draft')
  .addEdge('draft', 'publish')
  .addEdge('publish', END)
  .compile({ checkpointer: new MemorySaver() })

const replay = inProcessReplayMemory()
const configOf = (threadId, context) => ({ configurable: { thread_id: threadId, context } })

/** Resumes a thread for whoever asks: the graph's own text says whose it is. */
async function resume(caller, threadId, answer) {
  const { values } = await graph.getState(configOf(threadId))
  const context = await openSealed(values.sealed, {
    ...hop,
    opener: ring().opener,
    owner: caller,
    threadId,
    bind: bytes(threadId),
    replay,
    liveness: 'end-only',
  })
  return graph.invoke(new Command({ resume: answer }), configOf(threadId, context))
}

async function start(facts, note) {
  const threadId = parseThreadId(crypto.randomUUID())
  const context = await contextOf(facts, { threadId })
  const state = await graph.invoke({ note }, configOf(threadId, context))
  if (state.__interrupt__?.length !== 1) throw new Error('The thread did not wait')
  return threadId
}

const alice = { userId: 'alice', tenantId: 'acme' }
const codeOf = (attempt) =>
  attempt.then(
    () => 'was let in',
    (error) => error.code ?? error.message,
  )

await check(environment, 'a thread is resumed by its user, with the data that it carries', async () => {
  const threadId = await start(alice, 'ducks')
  const state = await resume(await contextOf(alice), threadId, 'yes')
  const [{ userId, note, carried }] = published.splice(0)
  if (state.published !== 'alice' || userId !== 'alice' || note !== 'ducks' || carried !== 'ducks')
    throw new Error(JSON.stringify({ state: state.published, userId, note, carried }))
})

await check(environment, "another user's resume is refused, and uses nothing up", async () => {
  const [threadId, others] = [await start(alice, 'geese'), await start({ userId: 'bob', tenantId: 'acme' }, 'swans')]
  const attacks = {
    ERR_CONTEXT_SEAL_SUBJECT: async () => resume(await contextOf({ userId: 'bob', tenantId: 'acme' }), threadId, 'yes'),
    ERR_CONTEXT_SEAL_TENANT: async () => resume(await contextOf({ ...alice, tenantId: 'other' }), threadId, 'yes'),
    ERR_CONTEXT_SEAL_RUN: async () => {
      // Bob's text is put into the checkpoint of Alice's thread, by whoever can write to the database.
      const { values } = await graph.getState(configOf(others))
      await graph.updateState(configOf(threadId), { sealed: values.sealed }, 'draft')
      return resume(await contextOf({ userId: 'bob', tenantId: 'acme' }), threadId, 'yes')
    },
  }
  const failures = []
  for (const [wanted, attack] of Object.entries(attacks)) {
    const code = await codeOf(attack())
    if (code !== wanted) failures.push(`${wanted} was expected: ${code}`)
  }
  if (published.length > 0) failures.push(`Something was published: ${JSON.stringify(published)}`)
  await resume(await contextOf({ userId: 'bob', tenantId: 'acme' }), others, 'yes')
  if (published.splice(0)[0]?.userId !== 'bob') failures.push("Bob's own thread did not go on")
  const again = await codeOf(resume(await contextOf({ userId: 'bob', tenantId: 'acme' }), others, 'yes'))
  if (again !== 'ERR_CONTEXT_SEAL_REPLAYED') failures.push(`A thread was resumed twice: ${again}`)
  expectNone(failures)
})

await check(environment, 'the checkpoint holds a text, and nobody in it', async () => {
  const threadId = await start({ userId: 'canary-user', tenantId: 'acme' }, 'ducks')
  const tuple = await graph.checkpointer.getTuple(configOf(threadId))
  if (JSON.stringify(tuple.checkpoint).includes('canary-user')) throw new Error('The checkpoint names the user')
})
process.exit(0)
