// fails: TS2322
// says: ThreadId, made by parseThreadId()
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.headers['x-thread-id'] })
