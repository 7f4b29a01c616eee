// fails: TS2345
// says: call createForUser() to obtain a UserExecutionContext
import { createForUser } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

await runAgent(createForUser(user).userId, request.body.text)
