/**
 * The tasks of a server that has no session, such as one over stdio.
 *
 * The attack it stops: a store that a program gives to all of its servers lets whoever asks without a session read,
 * list and cancel the tasks of everybody, and shows tasks that were made without one in every session. It is asked in
 * the name of the user then.
 */
import { toOwnerDigest, type UserExecutionContext } from 'user-execution-context'
import type { SdkServerOptions } from './registrations.ts'

type TaskStore = NonNullable<SdkServerOptions['taskStore']>
type TaskMessageQueue = NonNullable<SdkServerOptions['taskMessageQueue']>

/** The same options, with tasks that are of this user. */
export const ownTasks = (owner: UserExecutionContext, options: SdkServerOptions): SdkServerOptions => {
  const { taskStore, taskMessageQueue } = options
  if (taskStore === undefined && taskMessageQueue === undefined) return options
  const digest = toOwnerDigest(owner, 'mcp-tasks')
  return {
    ...options,
    ...(taskStore && { taskStore: toOwnStore(taskStore, digest) }),
    ...(taskMessageQueue && { taskMessageQueue: toOwnQueue(taskMessageQueue, digest) }),
  }
}

function toOwnStore(store: TaskStore, digest: string): TaskStore {
  return {
    createTask: (parameters, id, request, session = digest) => store.createTask(parameters, id, request, session),
    getTask: (taskId, session = digest) => store.getTask(taskId, session),
    storeTaskResult: (taskId, status, result, session = digest) =>
      store.storeTaskResult(taskId, status, result, session),
    getTaskResult: (taskId, session = digest) => store.getTaskResult(taskId, session),
    updateTaskStatus: (taskId, status, message, session = digest) =>
      store.updateTaskStatus(taskId, status, message, session),
    listTasks: (cursor, session = digest) => store.listTasks(cursor, session),
  }
}

/** A queue looks at no session, and not all that is put into it names one: whoever names a task writes into it. */
function toOwnQueue(queue: TaskMessageQueue, digest: string): TaskMessageQueue {
  const toKey = (taskId: string): string => `${digest} ${taskId}`
  return {
    enqueue: (taskId, message, session, maxSize) => queue.enqueue(toKey(taskId), message, session, maxSize),
    dequeue: (taskId, session) => queue.dequeue(toKey(taskId), session),
    dequeueAll: (taskId, session) => queue.dequeueAll(toKey(taskId), session),
  }
}
