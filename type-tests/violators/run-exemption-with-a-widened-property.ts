// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import type { GoldenPath } from '@user-execution-context/golden-path'
import type { UserExecutionContext } from 'user-execution-context'

declare const goldenPath: GoldenPath
declare const context: UserExecutionContext
const outlivesIdentity = { reason: 'nightly report', untilMs: 1 }
goldenPath.execute(context, { text: 'report' }, { outlivesIdentity })
