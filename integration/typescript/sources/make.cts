import { createForUser, isUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

export const made: UserExecutionContext = createForUser(vouchForUser('user-1', { reason: 'CommonJS file' }))
export const accepts = (context: UserExecutionContext): boolean => isUserExecutionContext(context)
