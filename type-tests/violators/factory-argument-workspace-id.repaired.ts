import { createForUser } from 'user-execution-context'
import { user } from './backend.ts'

createForUser(user, { agentContext: { workspaceId: 'workspace-1' } })
