// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
import type { GoldenPath } from '@user-execution-context/golden-path'
import { request, user } from './backend.ts'

declare const goldenPath: GoldenPath
await goldenPath.execute(user, { text: request.body.text })
