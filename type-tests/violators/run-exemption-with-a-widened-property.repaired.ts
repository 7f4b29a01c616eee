import type { GoldenPath } from '@user-execution-context/golden-path'
import type { UserExecutionContext } from 'user-execution-context'

declare const goldenPath: GoldenPath
declare const context: UserExecutionContext
const outlivesIdentity = { reason: 'nightly report', untilMs: 1 } as const
goldenPath.execute(context, { text: 'report' }, { outlivesIdentity })
