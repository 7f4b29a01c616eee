// fails: TS2345
// says: call a function made by identityProvider() to obtain a VerifiedUser
import { createForUser, parseUserId } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser({ ...user, userId: parseUserId(request.body.userId) })
