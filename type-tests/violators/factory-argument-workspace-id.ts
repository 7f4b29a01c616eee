// fails: TS2322
// says: put it into agentContext or auditMetadata
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.body.threadId, workspaceId: 'workspace-1' })
