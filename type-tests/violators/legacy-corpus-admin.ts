// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
// The class of the corpus admin: optional ids that default to an empty string, and a third name for the socket.
import { request, runAgent } from './backend.ts'

class UserExecutionContext {
  userId: string
  requestId: string
  threadId: string
  runId: string = ''
  sessionId: string = ''
  websocketConnectionId: string | undefined
  metadata: Record<string, unknown> = {}
  activeRuns: Record<string, unknown> = {}
  runHistory: unknown[] = []
  corpusPath: string = ''

  constructor(userId: string, requestId: string, threadId: string) {
    this.userId = userId
    this.requestId = requestId
    this.threadId = threadId
  }
}

await runAgent(new UserExecutionContext(request.body.userId, 'request-1', request.body.threadId), request.body.text)
