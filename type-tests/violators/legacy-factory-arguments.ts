// fails: TS2345
// says: pass (user, { threadId, runId, agentContext, auditMetadata })
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, {}, request.body.runId)
