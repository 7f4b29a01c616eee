// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
import { createForUser } from 'user-execution-context'
import { reportFailure, request, runAgent, user } from './backend.ts'

const context = createForUser(user)
await runAgent(context, request.body.text).catch((error: unknown) => reportFailure({ userId: context.userId }, error))
