import type { Scope } from 'user-execution-context'

declare const scope: Scope
scope.child('report', { outlivesIdentity: { reason: 'nightly report', untilMs: 1 } })
