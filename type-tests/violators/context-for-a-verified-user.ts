// fails: TS2345
// says: call a function made by identityProvider() to obtain a VerifiedUser
import { createForUser, type UserExecutionContext } from 'user-execution-context'

export const again = (context: UserExecutionContext): UserExecutionContext => createForUser(context)
