// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
// The models class: four required ids and a socket, fully mutable.
import { request, runAgent } from './backend.ts'

class UserExecutionContext {
  userId: string
  threadId: string
  runId: string
  requestId: string
  websocketClientId: string | undefined

  constructor(userId: string, threadId: string, runId: string, requestId: string, websocketClientId?: string) {
    this.userId = userId
    this.threadId = threadId
    this.runId = runId
    this.requestId = requestId
    this.websocketClientId = websocketClientId
  }
}

await runAgent(
  new UserExecutionContext(request.body.userId, request.body.threadId, request.body.runId, 'request-1'),
  request.body.text,
)
