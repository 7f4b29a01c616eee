// LangGraph: a thread waits for an answer, and whoever names its id gets to answer, with what the thread knows.
// Run: node langgraph-thread.mjs
import { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { createForUser, encodeKey, identityProvider, toOwnerDigest } from 'user-execution-context'
import { showHole } from './hole.mjs'

const graph = () =>
  new StateGraph(Annotation.Root({ diagnosis: Annotation(), answer: Annotation() }))
    .addNode('ask', ({ diagnosis }) => ({ answer: `${interrupt('Send it?')}: ${diagnosis}` }))
    .addEdge(START, 'ask')
    .addEdge('ask', END)
    .compile({ checkpointer: new MemorySaver() })

/** Alice starts the thread of a case; bob names the same case. `threadOf` says which thread that is. */
async function attack(threadOf) {
  const compiled = graph()
  const configOf = (user) => ({ configurable: { thread_id: threadOf(user, 'case-7') } })
  await compiled.invoke({ diagnosis: 'of alice' }, configOf('alice'))
  const { values } = await compiled.getState(configOf('bob'))
  const resumed = await compiled.invoke(new Command({ resume: 'yes' }), configOf('bob')).catch(() => undefined)
  const own = await compiled.invoke(new Command({ resume: 'yes' }), configOf('alice'))
  if (!isOpen(`${resumed?.answer}`) && own.answer !== 'yes: of alice') return `alice lost her thread: ${own.answer}`
  return `bob reads ${JSON.stringify(values)} and gets ${JSON.stringify(resumed?.answer ?? null)}`
}
const isOpen = (words) => words.includes('of alice')

const signIn = identityProvider({ name: 'session', verify: (userId) => ({ userId, tenantId: 'acme' }) })
const contexts = Object.fromEntries(
  await Promise.all(['alice', 'bob'].map(async (name) => [name, createForUser(await signIn(name))])),
)

await showHole({
  hole: 'the thread of one user, resumed by another',
  libraries: ['@langchain/langgraph'],
  bare: () => attack((_user, name) => name),
  ours: () => attack((user, name) => encodeKey([toOwnerDigest(contexts[user], 'langgraph-thread'), name])),
  isOpen,
})
