// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
// The services class: twelve fields, two names for the socket, and a merged view of two records.
import { request, runAgent } from './backend.ts'

class UserExecutionContext {
  readonly userId: string
  readonly threadId: string
  readonly runId: string
  readonly requestId: string = crypto.randomUUID()
  readonly dbSession: object | undefined
  readonly websocketClientId: string | undefined
  readonly createdAt: Date = new Date()
  readonly agentContext: Record<string, unknown> = {}
  readonly auditMetadata: Record<string, unknown> = {}
  readonly operationDepth: number = 0
  readonly parentRequestId: string | undefined
  readonly cleanupCallbacks: (() => void)[] = []

  constructor(userId: string, threadId: string, runId: string) {
    this.userId = userId
    this.threadId = threadId
    this.runId = runId
  }

  get websocketConnectionId(): string | undefined {
    return this.websocketClientId
  }

  get metadata(): Record<string, unknown> {
    return { ...this.agentContext, ...this.auditMetadata }
  }
}

await runAgent(
  new UserExecutionContext(request.body.userId, request.body.threadId, request.body.runId),
  request.body.text,
)
