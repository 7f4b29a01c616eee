import type { GoldenPath } from '@user-execution-context/golden-path'
import type { UserExecutionContext } from 'user-execution-context'

declare const goldenPath: GoldenPath
declare const context: UserExecutionContext
goldenPath.execute(
  context,
  { text: 'report' },
  { outlivesIdentity: { reason: `${'nightly'} report` as const, untilMs: 1 } },
)
