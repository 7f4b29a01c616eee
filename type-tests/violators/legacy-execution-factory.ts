// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
// The class of the execution factory: no run id, and the state of its runs.
import { request, runAgent } from './backend.ts'

class UserExecutionContext {
  userId: string
  requestId: string
  threadId: string
  sessionId: string | undefined
  createdAt: Date = new Date()
  activeRuns: Record<string, unknown> = {}
  runHistory: unknown[] = []
  status: string = 'initialized'
  isCleaned: boolean = false
  executionMetrics: Record<string, number> = {}
  cleanupCallbacks: (() => void)[] = []

  constructor(userId: string, requestId: string, threadId: string) {
    this.userId = userId
    this.requestId = requestId
    this.threadId = threadId
  }
}

await runAgent(new UserExecutionContext(request.body.userId, 'request-1', request.body.threadId), request.body.text)
