import { createForUser, deriveChild } from 'user-execution-context'
import { request, user } from './backend.ts'

deriveChild(createForUser(user, { threadId: request.body.threadId }), 'search')
