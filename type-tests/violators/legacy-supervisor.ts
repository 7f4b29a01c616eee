// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
// The supervisor class: a session, a database session and one record of metadata.
import { request, runAgent } from './backend.ts'

class UserExecutionContext {
  readonly userId: string
  readonly threadId: string
  readonly runId: string
  readonly requestId: string = crypto.randomUUID()
  readonly sessionId: string | undefined
  readonly websocketClientId: string | undefined
  readonly dbSession: object | undefined
  readonly createdAt: Date = new Date()
  readonly metadata: Record<string, unknown> = {}

  constructor(userId: string, threadId: string, runId: string) {
    this.userId = userId
    this.threadId = threadId
    this.runId = runId
  }
}

await runAgent(
  new UserExecutionContext(request.body.userId, request.body.threadId, request.body.runId),
  request.body.text,
)
