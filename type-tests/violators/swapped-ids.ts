// fails: TS2322
// says: Type '"RunId, made by parseRunId()"' is not assignable to type '"ThreadId, made by parseThreadId()"'
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.body.runId, runId: request.body.runId })
