// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import { deriveChild, type UserExecutionContext } from 'user-execution-context'

declare const context: UserExecutionContext
const outlivesIdentity = { reason: 'nightly report', untilMs: 1 }
deriveChild(context, 'report', { outlivesIdentity })
