// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
import { createForUser } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

const { userId, threadId, runId, requestId } = createForUser(user)
await runAgent({ userId, threadId, runId, requestId }, request.body.text)
