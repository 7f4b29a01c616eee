import { createForUser } from 'user-execution-context'
import { reportFailure, request, runAgent, user } from './backend.ts'

const context = createForUser(user)
await runAgent(context, request.body.text).catch((error: unknown) => reportFailure(context, error))
