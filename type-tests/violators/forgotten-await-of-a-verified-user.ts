// fails: TS2345
// says: call a function made by identityProvider() to obtain a VerifiedUser
import { createForUser } from 'user-execution-context'
import { request, signIn } from './backend.ts'

createForUser(signIn(request.headers['cookie'] ?? ''))
