import type { GoldenPath } from '@user-execution-context/golden-path'
import type { UserExecutionContext } from 'user-execution-context'

declare const goldenPath: GoldenPath
declare const context: UserExecutionContext
declare const reason: 'nightly report' | 'weekly report'
goldenPath.execute(context, { text: 'report' }, { outlivesIdentity: { reason, untilMs: 1 } })
