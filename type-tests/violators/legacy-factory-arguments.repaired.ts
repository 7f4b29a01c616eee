import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { runId: request.body.runId })
