import { createForUser } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

await runAgent(createForUser(user), request.body.text)
