import { runInScope, type UserExecutionContext } from 'user-execution-context'

const legacy = { userId: 'user-1', threadId: 'thread-1', runId: 'run-1', requestId: 'request-1' }
export const literal: UserExecutionContext = legacy
export const spread = (context: UserExecutionContext): UserExecutionContext => ({ ...context, userId: context.userId })
export const run = (): Promise<number> => runInScope({ operation: 'root', depth: 0 }, {}, () => 1)
