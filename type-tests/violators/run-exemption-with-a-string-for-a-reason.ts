// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import type { GoldenPath } from '@user-execution-context/golden-path'
import type { UserExecutionContext } from 'user-execution-context'
import { request } from './backend.ts'

declare const goldenPath: GoldenPath
declare const context: UserExecutionContext
goldenPath.execute(context, { text: 'report' }, { outlivesIdentity: { reason: request.body.reason, untilMs: 1 } })
