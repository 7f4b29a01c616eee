import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'

const State = Annotation.Root({
  notes: Annotation<string[]>({ reducer: (old, added) => [...old, ...added], default: () => [] }),
})
const graph = new StateGraph(State)
  .addNode('note', async () => ({}))
  .addEdge(START, 'note')
  .addEdge('note', END)
  .compile({ checkpointer: new MemorySaver() })

/** A thread is its owner's: whoever names the thread of another user gets an empty one of their own. */
const threadOf = (context: UserExecutionContext, thread: string) => ({
  configurable: { thread_id: encodeKey([toOwnerKey(context), thread]), context },
})

export const addNote = async (context: UserExecutionContext, thread: string, note: string) =>
  (await graph.invoke({ notes: [note] }, threadOf(context, thread))).notes
