// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
import { request, runAgent } from './backend.ts'

const { text, ...context } = request.body
await runAgent(context, text)
