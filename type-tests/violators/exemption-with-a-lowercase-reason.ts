// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import { deriveChild, type UserExecutionContext } from 'user-execution-context'

declare const context: UserExecutionContext
declare const reason: Lowercase<string>
deriveChild(context, 'report', { outlivesIdentity: { reason, untilMs: 1 } })
