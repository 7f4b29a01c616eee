// fails: TS2345
// fails 7.0: TS2740
// says: call connect() to obtain a Connection
import { createForUser } from 'user-execution-context'
import type { AgentRun, GoldenPath } from '@user-execution-context/golden-path'
import { user } from './backend.ts'

declare const goldenPath: GoldenPath
declare const run: AgentRun
await goldenPath.deliver(run, createForUser(user))
