// The surface pin of the core: the exact set of exported names, types too. A second maker, or the class leaked as a
// value, turns it red. Values are pinned once more by type-tests/entry-points.test-d.ts.
import { describe, expect, test } from 'vitest'
import { exportedNames } from './exported-entry-points.ts'

const surface: Readonly<Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>> = {
  'user-execution-context': {
    values: [
      'ContextError',
      'abortScope',
      'assertOwned',
      'assertUserExecutionContext',
      'createForUser',
      'decodeKey',
      'deriveChild',
      'encodeKey',
      'findIdIssue',
      'identityProvider',
      'isContextError',
      'isUserExecutionContext',
      'isVerifiedUser',
      'newRunId',
      'newThreadId',
      'newWebSocketClientId',
      'openAuditTrail',
      'openScope',
      'own',
      'parseRunId',
      'parseSessionId',
      'parseTenantId',
      'parseThreadId',
      'parseUserId',
      'requireContext',
      'runInScope',
      'toClientAnswer',
      'toIssuePath',
      'toLogFields',
      'toOwnerKey',
      'verifyAuditTrail',
    ],
    types: [
      'AnyContextError',
      'AuditRecord',
      'AuditTrail',
      'AuditTrailOptions',
      'ChildAdditions',
      'ChildScopeOptions',
      'Cleanup',
      'ClientAnswer',
      'ContextErrorCode',
      'ContextLogFields',
      'FrozenJson',
      'FrozenJsonRecord',
      'IdentityFacts',
      'IdentityOrigin',
      'IdentityProviderOptions',
      'Issue',
      'IssueKind',
      'JsonInput',
      'JsonRecord',
      'RequestId',
      'RunId',
      'RunRequest',
      'Scope',
      'ScopeOptions',
      'SessionId',
      'TenantId',
      'ThreadId',
      'UserExecutionContext',
      'UserId',
      'VerifiedFacts',
      'VerifiedUser',
      'WebSocketClientId',
    ],
  },
  'user-execution-context/restricted': { values: ['vouchForUser'], types: ['Vouching'] },
  'user-execution-context/ambient': {
    values: ['bindContext', 'currentContext', 'runWithContext', 'tryCurrentContext'],
    types: [],
  },
}

describe.each(Object.keys(surface))('the surface of %s', (entryPoint) => {
  test('is exactly as decided', () => {
    expect(exportedNames(entryPoint)).toEqual(surface[entryPoint])
  })
})
