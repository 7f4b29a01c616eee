import { deriveChild, type UserExecutionContext } from 'user-execution-context'

export const again = (context: UserExecutionContext): UserExecutionContext => deriveChild(context, 'again')
