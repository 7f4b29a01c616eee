// fails: TS2345
// says: is not assignable to parameter of type
import { vouchForUser } from 'user-execution-context/restricted'
import { request } from './backend.ts'

vouchForUser(request.body.threadId, { reason: 'nightly clean-up' })
