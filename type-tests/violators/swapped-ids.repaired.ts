import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.body.threadId, runId: request.body.runId })
