// fails: TS2322
// says: leave it out: it comes from the VerifiedUser
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.body.threadId, sessionId: 'session-1' })
