// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import type { Scope } from 'user-execution-context'
import { request } from './backend.ts'

declare const scope: Scope
scope.child('report', { outlivesIdentity: { reason: request.body.reason, untilMs: 1 } })
