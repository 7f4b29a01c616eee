// fails: TS2322, TS2322, TS2322, TS2322
// says: of a context made by createForUser()
import { request, runAgent } from './backend.ts'

const {
  'x-user-id': userId = '',
  'x-thread-id': threadId = '',
  'x-run-id': runId = '',
  'x-request-id': requestId = '',
} = request.headers
await runAgent({ userId, threadId, runId, requestId }, request.body.text)
