// fails: TS2345
// says: is not assignable to parameter of type 'UserExecutionContext'
import { createForUser } from 'user-execution-context'
import { request, runAgent, user } from './backend.ts'

await runAgent(request.body.text, createForUser(user))
