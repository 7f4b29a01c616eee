// fails: TS2322
// says: is not assignable to type
import { createForUser } from 'user-execution-context'
import { user } from './backend.ts'

createForUser(user, { agentContext: { now: () => Date.now() } })
