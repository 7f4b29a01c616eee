// programs/langgraph.ts without this package: whose thread it is says a text.
import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({
  notes: Annotation<string[]>({ reducer: (old, added) => [...old, ...added], default: () => [] }),
})
const graph = new StateGraph(State)
  .addNode('note', async () => ({}))
  .addEdge(START, 'note')
  .addEdge('note', END)
  .compile({ checkpointer: new MemorySaver() })

export const addNote = async (owner: string, thread: string, note: string) =>
  (await graph.invoke({ notes: [note] }, { configurable: { thread_id: `${owner}/${thread}`, user: owner } })).notes
