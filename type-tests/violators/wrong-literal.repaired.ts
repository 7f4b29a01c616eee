import { createForUser } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

await runAgent(createForUser(user, { threadId: request.body.threadId, runId: request.body.runId }), request.body.text)
