import { createForUser, parseThreadId } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: parseThreadId(request.headers['x-thread-id']) })
