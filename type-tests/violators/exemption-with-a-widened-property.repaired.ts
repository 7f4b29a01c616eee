import { deriveChild, type UserExecutionContext } from 'user-execution-context'

declare const context: UserExecutionContext
const outlivesIdentity = { reason: 'nightly report', untilMs: 1 } as const
deriveChild(context, 'report', { outlivesIdentity })
