import { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { newThreadId, ownedHandles, type UserExecutionContext } from 'user-execution-context'

export const checkpointer = new MemorySaver()
const graph = new StateGraph(Annotation.Root({ draft: Annotation<string>, isPublished: Annotation<boolean> }))
  .addNode('publish', ({ draft }) => ({ isPublished: interrupt(`Publish "${draft}"?`) === 'yes' }))
  .addEdge(START, 'publish')
  .addEdge('publish', END)
  .compile({ checkpointer })

/** What a client comes back with. It ends with the identity of its user too; a thread that nobody ends goes with it. */
const waiting = ownedHandles<string>({
  ttlMs: 3_600_000,
  maxPerUser: 20,
  maxTotal: 10_000,
  onEnd: async (threadId, why) => (why === 'released' ? undefined : checkpointer.deleteThread(threadId)),
})
const configOf = (context: UserExecutionContext, threadId: string) => ({
  configurable: { thread_id: threadId, context },
})

export const propose = async (context: UserExecutionContext, draft: string): Promise<string> => {
  const threadId = newThreadId()
  await graph.invoke({ draft }, configOf(context, threadId))
  return waiting.open(context, threadId)
}

/** Undefined for the handle of another user, as for one that has ended, was answered, or never was. */
export const answer = async (context: UserExecutionContext, handle: string, word: string) => {
  const threadId = await waiting.find(context, handle)
  // Of two answers at once, one ends the handle, and goes on.
  if (threadId === undefined || !(await waiting.release(context, handle))) return undefined
  return graph.invoke(new Command({ resume: word }), configOf(context, threadId))
}
