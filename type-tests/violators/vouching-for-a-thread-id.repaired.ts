import { parseUserId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { request } from './backend.ts'

vouchForUser(parseUserId(request.body.userId), { reason: 'nightly clean-up' })
