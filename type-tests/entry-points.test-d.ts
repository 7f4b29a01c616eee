// Pins the exact set of values behind every public entry point: a second factory or a leaked class turns it red. The
// names of types are pinned in tests/forgery/surface.test.ts.
import { expectType } from 'tsd'
import type { IsSame } from './exactness.ts'

expectType<true>(
  true as IsSame<
    keyof typeof import('user-execution-context'),
    | 'ContextError'
    | 'abortScope'
    | 'addIdentityWatcher'
    | 'removeIdentityWatcher'
    | 'assertOwned'
    | 'assertUserExecutionContext'
    | 'createForUser'
    | 'decodeKey'
    | 'deriveChild'
    | 'encodeKey'
    | 'assertLive'
    | 'inProcessHandleStore'
    | 'isLive'
    | 'liveSessions'
    | 'toSpanAttributes'
    | 'watchIdentity'
    | 'encodeSubject'
    | 'findIdIssue'
    | 'findUnknownKeys'
    | 'identityProvider'
    | 'isContextError'
    | 'isUserExecutionContext'
    | 'isVerifiedUser'
    | 'newRunId'
    | 'newThreadId'
    | 'newWebSocketClientId'
    | 'openAuditTrail'
    | 'openScope'
    | 'own'
    | 'ownedHandles'
    | 'parseRunId'
    | 'parseSessionId'
    | 'parseTenantId'
    | 'parseThreadId'
    | 'parseUserId'
    | 'requireContext'
    | 'runInScope'
    | 'toClientAnswer'
    | 'toIssuePath'
    | 'toLogFields'
    | 'toOwnerDigest'
    | 'toOwnerKey'
    | 'verifyAuditTrail'
  >,
)
expectType<true>(true as IsSame<keyof typeof import('user-execution-context/restricted'), 'vouchForUser'>)
expectType<true>(
  true as IsSame<
    keyof typeof import('user-execution-context/ambient'),
    'bindContext' | 'currentContext' | 'runWithContext' | 'tryCurrentContext'
  >,
)
expectType<true>(
  true as IsSame<
    Extract<
      keyof typeof import('@user-execution-context/golden-path'),
      `${'create' | 'new' | 'make' | 'mint' | 'to'}${string}`
    >,
    never
  >,
)
