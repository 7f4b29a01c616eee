// fails: TS2345
// says: Argument of type 'UserExecutionContext' is not assignable to parameter of type 'Connection'
import { createForUser } from 'user-execution-context'
import type { AgentRun, GoldenPath } from '@user-execution-context/golden-path'
import { user } from './backend.ts'

declare const goldenPath: GoldenPath
declare const run: AgentRun
await goldenPath.deliver(run, createForUser(user))
