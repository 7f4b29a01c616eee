// fails: TS2353
// says: 'threadId' does not exist in type 'ChildAdditions<never>'
import { createForUser, deriveChild } from 'user-execution-context'
import { request, user } from './backend.ts'

deriveChild(createForUser(user), 'search', { threadId: request.body.threadId })
