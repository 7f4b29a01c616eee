// fails: TS2345
// says: Argument of type 'VerifiedUser' is not assignable to parameter of type 'UserExecutionContext'
import type { GoldenPath } from '@user-execution-context/golden-path'
import { request, user } from './backend.ts'

declare const goldenPath: GoldenPath
await goldenPath.execute(user, { text: request.body.text })
