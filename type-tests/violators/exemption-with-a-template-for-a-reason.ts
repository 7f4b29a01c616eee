// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import { deriveChild, type UserExecutionContext } from 'user-execution-context'
import { request } from './backend.ts'

declare const context: UserExecutionContext
deriveChild(context, 'report', { outlivesIdentity: { reason: `job of ${request.body.userId}`, untilMs: 1 } })
