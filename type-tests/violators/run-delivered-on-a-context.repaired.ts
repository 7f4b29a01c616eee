import type { AgentRun, Connection, GoldenPath } from '@user-execution-context/golden-path'

declare const goldenPath: GoldenPath
declare const connection: Connection
declare const run: AgentRun
await goldenPath.deliver(run, connection)
