import { deriveChild, type UserExecutionContext } from 'user-execution-context'

declare const context: UserExecutionContext
declare const reason: Lowercase<'Nightly'>
deriveChild(context, 'report', { outlivesIdentity: { reason, untilMs: 1 } })
