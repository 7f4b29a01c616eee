import { createForUser } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

await runAgent(createForUser(user, { threadId: request.body.threadId }), request.body.text)
