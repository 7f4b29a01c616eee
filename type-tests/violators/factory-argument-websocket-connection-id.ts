// fails: TS2322
// says: leave it out: connect() ties a socket to its user, deliver() finds it
import { createForUser } from 'user-execution-context'
import { request, user } from './backend.ts'

createForUser(user, { threadId: request.body.threadId, websocketConnectionId: 'socket-1' })
