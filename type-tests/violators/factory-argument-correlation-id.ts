// fails: TS2322
// says: leave it out: createForUser() and deriveChild() set it
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.body.threadId, correlationId: 'correlation-1' })
