import { createForUser, isUserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

export const makeContext = () => createForUser(vouchForUser('user-1', { reason: 'a library' }))
export const accepts = (value) => isUserExecutionContext(value)
