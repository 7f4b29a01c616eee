// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
// The strongly typed class: branded aliases without effect at run time, three names for the socket, depth and parent.
import { createForUser, type RequestId, type RunId, type ThreadId, type UserId } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

class UserExecutionContext {
  readonly userId: UserId
  readonly threadId: ThreadId
  readonly runId: RunId
  readonly requestId: RequestId
  readonly websocketClientId: string | undefined
  readonly dbSession: object | undefined
  readonly createdAt: Date = new Date()
  readonly agentContext: Record<string, string> = {}
  readonly auditMetadata: Record<string, string> = {}
  readonly operationDepth: number = 0
  readonly parentRequestId: RequestId | undefined

  constructor(userId: UserId, threadId: ThreadId, runId: RunId, requestId: RequestId) {
    this.userId = userId
    this.threadId = threadId
    this.runId = runId
    this.requestId = requestId
  }

  get websocketConnectionId(): string | undefined {
    return this.websocketClientId
  }

  get websocketId(): string | undefined {
    return this.websocketClientId
  }

  get metadata(): Record<string, string> {
    return { ...this.agentContext, ...this.auditMetadata }
  }
}

await runAgent(
  new UserExecutionContext(
    createForUser(user).userId,
    request.body.threadId,
    request.body.runId,
    createForUser(user).requestId,
  ),
  request.body.text,
)
