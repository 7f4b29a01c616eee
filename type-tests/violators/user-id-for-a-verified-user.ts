// fails: TS2345
// says: call a function made by identityProvider() to obtain a VerifiedUser
import { createForUser, parseUserId } from 'user-execution-context'
import { request } from './backend.ts'

createForUser(parseUserId(request.headers['x-user-id']))
