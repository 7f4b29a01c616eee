// THE table of what a context whose identity has ended may still do. A function that BEGINS something refuses it; one
// that ENDS, records, reads or prints something takes it, so that a cleanup and an audit record of a user who was
// signed out still work. A function that takes a context and is in neither turns tests/forgery/lifetimes.test.ts red.

/** Functions that begin something, by entry point. */
export const begins: Readonly<Record<string, readonly string[]>> = {
  'user-execution-context': [
    'assertLive',
    'deriveChild',
    'isLive',
    'openScope',
    'own',
    'ownedHandles.find',
    'ownedHandles.open',
    'runInScope',
  ],
  '@user-execution-context/golden-path': [
    'inProcessRunQueue.enqueue',
    'openGoldenPath.connect',
    'openGoldenPath.execute',
  ],
  '@user-execution-context/postgres': ['postgresRunQueue.enqueue', 'shardedRunQueue.enqueue', 'withUserSession'],
  '@user-execution-context/transfer': ['approveToolCall', 'openApproval', 'openSealed', 'sealContext'],
}

/** Functions that end, record, read or print something, by entry point. */
export const ends: Readonly<Record<string, readonly string[]>> = {
  'user-execution-context': [
    'addIdentityWatcher',
    'assertOwned',
    'assertUserExecutionContext',
    'isUserExecutionContext',
    'isVerifiedUser',
    'liveSessions.revoke',
    'openAuditTrail.record',
    'ownedHandles.release',
    'removeIdentityWatcher',
    'requireContext',
    'toLogFields',
    'toOwnerDigest',
    'toOwnerKey',
    'toSpanAttributes',
    'watchIdentity',
  ],
  'user-execution-context/ambient': ['bindContext', 'runWithContext'],
  '@user-execution-context/golden-path': [
    'openGoldenPath.cancel',
    'openGoldenPath.findConnections',
    'openGoldenPath.findRun',
    'openGoldenPath.listRuns',
  ],
  '@user-execution-context/golden-path/server': ['goldenPathLog.observe'],
  '@user-execution-context/golden-path/opentelemetry': ['goldenPathTelemetry.observe', 'goldenPathTelemetry.traceRun'],
  '@user-execution-context/http/trpc': ['contextOf'],
  '@user-execution-context/mcp': ['contextOf', 'mcpContexts.notify'],
  '@user-execution-context/mcp/sdk-1': ['contextOf'],
  '@user-execution-context/postgres': ['forgetUser'],
  '@user-execution-context/transfer': ['completeSealed'],
  '@user-execution-context/testing': [
    'expectOnlyOwn',
    'expectRefusesForgeries',
    'forgeries',
    'isContextOf',
    'isSameRunAs',
    'newCanary',
    'sameRunAs',
  ],
}

/** Of those that take a verified user, or a connection and a run, and no context: what begins something. */
export const beginsForUsers: Readonly<Record<string, readonly string[]>> = {
  'user-execution-context': ['assertLive', 'createForUser', 'liveSessions.renew'],
  '@user-execution-context/golden-path/login': ['accessTokens.issue'],
  '@user-execution-context/mcp': ['mcpContexts.factoryFor'],
  '@user-execution-context/mcp/sdk-1': ['mcpContexts.serverFor'],
}

/** The others of those. A connection has closed with its identity: it is sent nothing, and takes no message. */
export const endsForUsers: Readonly<Record<string, readonly string[]>> = {
  'user-execution-context': ['addIdentityWatcher', 'removeIdentityWatcher', 'watchIdentity'],
  '@user-execution-context/golden-path': ['openGoldenPath.deliver', 'openReceiver'],
  '@user-execution-context/testing': ['expectOnlyOwn', 'newCanary'],
}
