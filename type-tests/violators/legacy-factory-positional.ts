// fails: TS2345
// says: call a function made by identityProvider() to obtain a VerifiedUser
import { createForUser } from 'user-execution-context'
import { request } from './backend.ts'

createForUser(request.body.userId, request.body.threadId, request.body.runId)
