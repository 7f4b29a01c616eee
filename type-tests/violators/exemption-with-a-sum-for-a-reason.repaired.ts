import { deriveChild, type UserExecutionContext } from 'user-execution-context'

declare const context: UserExecutionContext
deriveChild(context, 'report', { outlivesIdentity: { reason: `${'nightly'} report` as const, untilMs: 1 } })
