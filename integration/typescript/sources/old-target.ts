import { createForUser, openScope, type UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

export const made: UserExecutionContext = createForUser(vouchForUser('user-1', { reason: 'old target' }))
export const close = (): Promise<void> => openScope(made).close()
