// Every export of every public entry point, and how to attack it with a value that is no context. A new export that is
// missing here turns tests/forgery/entry-points.test.ts red.
import type { UserExecutionContext } from 'user-execution-context'

/** The exports of an entry point, by name. */
export type Exports = Readonly<Record<string, (...parameters: never[]) => unknown>>

/**
 * How an export meets a value that is no context.
 * - `attack`: calls it with the value; it must throw (or reject with) `ERR_CONTEXT_NOT_ISSUED`.
 * - `ask`: calls it with the value; it must answer false.
 * - `none`: it takes no context, and why.
 */
export type Attack =
  | { readonly attack: (entryPoint: Exports, forged: UserExecutionContext) => unknown }
  | { readonly ask: (entryPoint: Exports, forged: UserExecutionContext) => unknown }
  | { readonly none: string }

const attack = (name: string, ...rest: readonly unknown[]): Attack => ({
  attack: (entryPoint, forged) => call(entryPoint, name, forged, ...rest),
})
const attackGoldenPath = (name: string, ...rest: readonly unknown[]): Attack => ({
  attack: (entryPoint, forged) => {
    const goldenPath = call(entryPoint, 'openGoldenPath', { agent: answer }) as Record<
      string,
      (...parameters: unknown[]) => unknown
    >
    return goldenPath[name]!(forged, ...rest)
  },
})
const attackTelemetry = (name: string, toArgument: (forged: UserExecutionContext) => unknown): Attack => ({
  attack: (entryPoint, forged) => {
    const telemetry = call(entryPoint, 'goldenPathTelemetry') as Record<string, (argument: unknown) => unknown>
    return telemetry[name]!(toArgument(forged))
  },
})
const attackLog: Attack = {
  attack: (entryPoint, context) => {
    const { observe } = call(entryPoint, 'goldenPathLog', { log: answer }) as { observe: (event: object) => unknown }
    return observe({ type: 'run-started', context })
  },
}
const attackHandles = (name: string, ...rest: readonly unknown[]): Attack => ({
  attack: async (entryPoint, forged) => {
    const handles = call(entryPoint, 'ownedHandles', { ttlMs: 1000, maxPerUser: 1, maxTotal: 1 }) as Record<
      string,
      (...parameters: unknown[]) => unknown
    >
    return handles[name]!(forged, ...rest)
  },
})
const none = (why: string): Attack => ({ none: why })
const answer = (): number => 42
/** What a queue on Postgres is checked for before it is asked anything. */
const queueOptions = {
  limits: {
    ...{ concurrentRuns: 1, concurrentRunsPerUser: 1, queuedRuns: 1, queuedRunsPerUser: 1 },
    idempotencyKeysPerUser: 1,
  },
  ...{ sealer: {}, opener: {}, sessions: { revoke: answer } },
}

const toolCall = { tool: 'send_money', arguments: new Uint8Array(1) }
const hop = { audience: 'worker', purpose: 'forgery-table' }
const newRing = (entryPoint: Exports): Readonly<Record<string, unknown>> => {
  const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 7).toString('base64url') }
  return call(entryPoint, 'sealingKeys', { workload: 'web', keys: [key] }) as Readonly<Record<string, unknown>>
}

/** Options of an MCP server that nobody signs in to. */
export const mcpOptions = {
  identity: answer,
  resource: 'https://notes.example.com/mcp',
  authorizationServers: ['https://id.example.com'],
  server: { name: 'notes', version: '1.0.0' },
}

const attackSecond = (name: string, first: unknown): Attack => ({
  attack: (entryPoint, forged) => call(entryPoint, name, first, forged),
})
/** Undefined stands for the context of a test there, which is a real one. */
const given = (forged: unknown): unknown => forged ?? null
const contract = none('takes a maker of stores and gives cases')
const idParser = none('turns unknown input into an id')
const idMaker = none('makes a new id')
const strategy = none('finds the token of a request')
const middleware = none('takes a function and gives middleware')
const ofRequest = none('takes a request')

/** One entry for each export of each entry point. Names with a dot are functions of what an export returns. */
export const entryPoints: Readonly<Record<string, Readonly<Record<string, Attack>>>> = {
  'user-execution-context': {
    'ContextError': none('an error'),
    'isContextError': none('takes an error'),
    'toClientAnswer': none('takes an error'),
    'newRunId': idMaker,
    'newThreadId': idMaker,
    'parseRunId': idParser,
    'parseSessionId': idParser,
    'parseTenantId': idParser,
    'parseThreadId': idParser,
    'parseUserId': idParser,
    'identityProvider': none('takes options and gives a maker of users'),
    'isVerifiedUser': { ask: (entryPoint, forged) => call(entryPoint, 'isVerifiedUser', forged) },
    'createForUser': none('takes a verified user; forged users are attacked apart'),
    'deriveChild': attack('deriveChild', 'child'),
    'toLogFields': attack('toLogFields'),
    'toSpanAttributes': attack('toSpanAttributes'),
    'assertLive': attack('assertLive'),
    'isLive': { ask: (entryPoint, forged) => call(entryPoint, 'isLive', forged) },
    'watchIdentity': attack('watchIdentity', () => {}),
    'addIdentityWatcher': attack('addIdentityWatcher', { identityEnded: () => {} }),
    'removeIdentityWatcher': attack('removeIdentityWatcher', { identityEnded: () => {} }),
    'liveSessions': none('takes options; see its functions'),
    'liveSessions.revoke': {
      attack: (entryPoint, forged) =>
        (call(entryPoint, 'liveSessions', { maxProofMs: 60_000 }) as { revoke: (target: object) => unknown }).revoke({
          session: forged,
        }),
    },
    'assertUserExecutionContext': attack('assertUserExecutionContext'),
    'isUserExecutionContext': { ask: (entryPoint, forged) => call(entryPoint, 'isUserExecutionContext', forged) },
    'openAuditTrail': none('takes options; see openAuditTrail.record'),
    'openAuditTrail.record': {
      attack: async (entryPoint, forged) => {
        const trail = (await call(entryPoint, 'openAuditTrail', { write: () => {} })) as {
          record: (...parameters: unknown[]) => unknown
        }
        return trail.record(forged, 'forged')
      },
    },
    'verifyAuditTrail': none('takes records'),
    'openScope': attack('openScope'),
    'runInScope': attack('runInScope', {}, answer),
    'own': attack('own', {}),
    'assertOwned': attack('assertOwned', {}),
    'ownedHandles': none('takes options; see its functions'),
    'ownedHandles.open': attackHandles('open', 'value'),
    'ownedHandles.find': attackHandles('find', 'f'.repeat(32)),
    'ownedHandles.release': attackHandles('release', 'f'.repeat(32)),
    'inProcessHandleStore': none('holds entries by owner; ownedHandles() asks it'),
    'requireContext': attack('requireContext'),
    'toOwnerKey': attack('toOwnerKey'),
    'toOwnerDigest': attack('toOwnerDigest', 'forged'),
    'abortScope': none('takes a scope'),
    'encodeKey': none('takes texts'),
    'encodeSubject': none('takes a text'),
    'decodeKey': none('takes a text'),
    'findIdIssue': none('takes an id'),
    'findUnknownKeys': none('takes options'),
    'newWebSocketClientId': idMaker,
    'toIssuePath': none('takes a path and a key'),
  },
  'user-execution-context/restricted': {
    vouchForUser: none('takes an id and a reason'),
  },
  '@user-execution-context/transfer': {
    sealContext: {
      attack: (entryPoint, forged) =>
        call(entryPoint, 'sealContext', forged, { ...hop, sealer: newRing(entryPoint).sealer, ttlMs: 1000 }),
    },
    openSealed: {
      // It takes a context as the owner who presents a text.
      attack: async (entryPoint, forged) => {
        const { opener } = newRing(entryPoint)
        return call(entryPoint, 'openSealed', 'text', { ...hop, opener, owner: forged, liveness: 'end-only' })
      },
    },
    completeSealed: attack('completeSealed'),
    approveToolCall: {
      attack: (entryPoint, forged) => {
        const { sealer } = newRing(entryPoint)
        const options = { sealer, audience: 'agents', ttlMs: 1000, runId: 'run-1', call: toolCall }
        return call(entryPoint, 'approveToolCall', forged, options)
      },
    },
    openApproval: {
      attack: async (entryPoint, forged) => {
        const { opener } = newRing(entryPoint)
        const options = { opener, audience: 'agents', acting: forged, call: toolCall, liveness: 'end-only' }
        return call(entryPoint, 'openApproval', 'text', options)
      },
    },
    sealingKeys: none('takes keys'),
    signingKeys: none('takes keys'),
    verificationKeys: none('takes keys'),
    parseBoundJson: none('takes bytes'),
    inProcessReplayMemory: none('takes options; holds ids of texts'),
  },
  '@user-execution-context/transfer/contracts': {
    replayMemoryContract: none('takes a replay memory'),
  },
  '@user-execution-context/postgres': {
    'withUserSession': attack('withUserSession', { connect: answer }, answer),
    'forgetUser': attack('forgetUser', { sessions: { revoke: answer } }),
    'isReachableByServer': none('looks at the files of an installation'),
    'postgresAttemptLimits': none('comes before there is a user'),
    'postgresTickets': none('takes a session id and a token'),
    'postgresUsers': none('takes records of users; see userAccounts()'),
    'postgresAuditTrail': none('takes records; openAuditTrail() takes the context'),
    'postgresHandleStore': none('takes entries, which hold an owner key and no context'),
    'readAuditTrail': none('takes a login and the name of a trail'),
    'checkPolicies': none('looks at the schema'),
    'migratePostgres': none('comes before there is a user'),
    'openEmbeddedPostgres': none('comes before there is a user'),
    'openPostgres': none('comes before there is a user'),
    'toOwnerPolicy': none('takes names of a table'),
    'openWakeChannel': none('takes a pool'),
    'postgresEventLog': none('takes records, which hold an owner key and no context'),
    'postgresReplayMemory': none('takes a pool; holds ids of texts'),
    'postgresRevocations': none('takes revocations'),
    'postgresRunQueue': none('takes options; see postgresRunQueue.enqueue'),
    'postgresRunQueue.enqueue': {
      attack: async (entryPoint, forged) => {
        const wakes = { hear: () => () => {}, wake: answer }
        const postgres = { service: { query: answer, connect: answer } }
        const eventLog = { writerParts: answer, wake: answer, open: answer }
        const options = { ...queueOptions, postgres, wakes, eventLog, executes: false }
        const queue = call(entryPoint, 'postgresRunQueue', options) as Record<
          string,
          (...parameters: unknown[]) => unknown
        >
        return queue['enqueue']!({ context: forged, input: { text: 'hello' } })
      },
    },
    'moveOwner': none('takes logins and an owner key, for the administrator of the databases'),
    'recordShards': none('takes logins'),
    'shardedEventLog': none('takes records, which hold an owner key and no context'),
    'shardedHandleStore': none('takes entries, which hold an owner key and no context'),
    'shardedStartKeys': none('takes keys and records, which hold an owner key and no context'),
    'shardedRunQueue': none('takes options; see shardedRunQueue.enqueue'),
    'shardedRunQueue.enqueue': {
      attack: async (entryPoint, forged) => {
        const shards = { all: [], route: answer }
        const options = { ...queueOptions, shards, eventLog: { logOf: answer } }
        const queue = call(entryPoint, 'shardedRunQueue', options) as Record<
          string,
          (...parameters: unknown[]) => unknown
        >
        return queue['enqueue']!({ context: forged, input: { text: 'hello' } })
      },
    },
    'databaseLog': none('takes a function that gets lines'),
    'postgresStartKeys': none('takes keys and records, which hold an owner key and no context'),
    'toRolesSql': none('takes the name of a database'),
  },
  '@user-execution-context/golden-path': {
    'endUnexecutedRun': none('takes a writer, which a queue has'),
    'openGoldenPath': none('takes options; see its functions'),
    'openGoldenPath.connect': attackGoldenPath('connect', { send: answer, close: answer, bufferedAmount: 0 }),
    'openGoldenPath.findConnections': attackGoldenPath('findConnections'),
    'openGoldenPath.execute': attackGoldenPath('execute', { text: 'hello' }),
    'openGoldenPath.findRun': attackGoldenPath('findRun', 'run-1'),
    'openGoldenPath.listRuns': attackGoldenPath('listRuns'),
    'openGoldenPath.cancel': attackGoldenPath('cancel', 'run-1'),
    'inProcessRunQueue': none('takes limits; see inProcessRunQueue.enqueue'),
    'inProcessRunQueue.enqueue': {
      attack: async (entryPoint, forged) => {
        const queue = call(entryPoint, 'inProcessRunQueue', entryPoint['defaultLimits']) as Record<
          string,
          (...parameters: unknown[]) => unknown
        >
        queue['process']!(async () => {})
        return queue['enqueue']!({ context: forged, input: { text: 'hello' } })
      },
    },
    'inProcessEventLog': none('takes records, which hold an owner key and no context'),
    'inProcessStartKeys': none('takes keys and records, which hold an owner key and no context'),
    'findLostEvents': none('takes numbers'),
    'openReceiver': none('takes a connection, which connect() made for a context'),
    'isAgentRun': none('takes a run'),
    'isConnection': none('takes a connection'),
    'wsTransport': none('takes a socket'),
    'RunCancellation': none('made for a job, takes a reason'),
    'RunCancelled': none('an error'),
    'parseClientMessage': none('takes text'),
    'parseLimits': none('takes limits'),
    'isTerminal': none('takes the type of an event'),
    'defaultLimits': none('a table'),
    'clientMessageSchema': none('a table'),
    'serverMessageSchema': none('a table'),
    'runEventSchema': none('a table'),
    'wireVersion': none('a number'),
  },
  '@user-execution-context/golden-path/contracts': {
    eventLogContract: none('takes a maker of event logs'),
    attemptLimitsContract: none('takes a maker of limits'),
    ticketOfficeContract: none('takes a maker of offices'),
    userStoreContract: none('takes a maker of stores'),
    retentionContract: none('takes a maker of event logs'),
    runQueueContract: none('takes a maker of queues and one of contexts'),
    startKeyStoreContract: none('takes a maker of stores'),
  },
  '@user-execution-context/golden-path/login': {
    assertStoredUser: none('takes a record of a user'),
    changeStoredUser: none('takes a record of a user'),
    parseAttemptBounds: none('takes options'),
    toNameKey: none('takes a name'),
    readTextIfPresent: none('takes a path'),
    replaceFile: none('takes a path'),
    accessTokens: none('takes options; its issue() takes a user and is attacked apart'),
    attemptLimits: none('comes before there is a user'),
    fileRevocationStore: none('takes revocations'),
    userAccounts: none('takes ids of the store that an administrator names'),
    fileSigningSecret: none('comes before there is a user'),
    fileUserStore: none('comes before there is a user'),
    jwtIdentity: none('comes before there is a user'),
    passwordHasher: none('comes before there is a user'),
    passwordIdentity: none('comes before there is a user'),
    ticketOffice: none('comes before there is a context'),
  },
  '@user-execution-context/http': {
    apiKey: strategy,
    bearerToken: strategy,
    contextFromRequest: none('takes a function and gives a maker of contexts for requests'),
    cookieToken: strategy,
    firstToken: strategy,
    toResponse: none('takes an error'),
  },
  '@user-execution-context/http/express': {
    answerContextErrors: none('takes nothing'),
    contextOf: ofRequest,
    scopeOf: ofRequest,
    userContext: middleware,
  },
  '@user-execution-context/http/fastify': {
    contextOf: ofRequest,
    scopeOf: ofRequest,
    userContext: middleware,
  },
  '@user-execution-context/http/nestjs': {
    ContextExceptionFilter: none('takes an error'),
    CurrentContext: ofRequest,
    CurrentScope: ofRequest,
    scopeOf: ofRequest,
    UserContextGuard: middleware,
    UserContextModule: middleware,
    UserContexts: middleware,
  },
  '@user-execution-context/http/hono': {
    contextOf: ofRequest,
    scopeOf: ofRequest,
    userContext: middleware,
  },
  '@user-execution-context/http/next': { userContext: middleware },
  '@user-execution-context/http/trpc': {
    contextOf: { attack: (entryPoint, forged) => call(entryPoint, 'contextOf', { userContext: forged }) },
    formatContextErrors: none('takes an error'),
    userContext: middleware,
  },
  '@user-execution-context/golden-path/server': {
    'commonHeaders': none('a table'),
    'goldenPathLog': none('takes options; see its functions'),
    'goldenPathLog.observe': attackLog,
    'hardenHttpServer': none('takes a server'),
    'logEvents': none('a table'),
    'logLevels': none('a table'),
    'openGoldenPathServer': none('takes options; gives handlers of requests'),
  },
  '@user-execution-context/golden-path/ag-ui': {
    agUiMapping: none('makes a mapping of events'),
    parseAgUiRequest: none('turns unknown input into a run request'),
  },
  '@user-execution-context/golden-path/opentelemetry': {
    'goldenPathTelemetry': none('takes options; see its functions'),
    'goldenPathTelemetry.observe': attackTelemetry('observe', (context) => ({ type: 'run-started', context })),
    'goldenPathTelemetry.traceRun': attackTelemetry('traceRun', (context) => context),
  },
  '@user-execution-context/golden-path/ai-sdk': {
    aiSdkAgent: none('takes options and gives an agent, which a golden path calls'),
    aiSdkTool: none('takes options and gives a tool'),
    aiSdkMapping: none('makes a mapping of events'),
    parseChatRequest: none('turns unknown input into a run request'),
    uiMessageStreamEnd: none('a text'),
    uiMessageStreamHeaders: none('a table'),
  },
  '@user-execution-context/mcp': {
    'mcpContexts': none('takes options; see its functions'),
    'mcpContexts.notify': {
      attack: (entryPoint, forged) => {
        return (call(entryPoint, 'mcpContexts', mcpOptions) as { notify: (context: unknown) => unknown }).notify(forged)
      },
    },
    'contextOf': {
      // It takes what the SDK hands to a handler, and gives the context in it.
      attack: (entryPoint, forged) =>
        call(entryPoint, 'contextOf', { http: { authInfo: { extra: { context: forged } } } }),
    },
  },
  '@user-execution-context/mcp/sdk-1': {
    mcpContexts: none('takes options; its handlers are given contexts'),
    contextOf: {
      attack: (entryPoint, forged) => call(entryPoint, 'contextOf', { authInfo: { extra: { context: forged } } }),
    },
  },
  '@user-execution-context/testing': {
    auditTrailContract: contract,
    handleStoreContract: contract,
    revocationStoreContract: contract,
    contextOf: none('takes a user id, or the ids of a user, and gives a matcher'),
    contextSerializer: none('prints what it is given'),
    expectOnlyOwn: {
      attack: (entryPoint, forged) => {
        const { testUser } = entryPoint
        call(entryPoint, 'newCanary', testUser!(...([{ userId: 'somebody-else' }] as never[])))
        return call(entryPoint, 'expectOnlyOwn', [], forged)
      },
    },
    expectRefusesForgeries: {
      attack: (entryPoint, forged) => {
        const service = (context: unknown): unknown => call(entryPoint, 'isSameRunAs', {}, context)
        return call(entryPoint, 'expectRefusesForgeries', service, given(forged))
      },
    },
    forgeries: { attack: (entryPoint, forged) => call(entryPoint, 'forgeries', given(forged)) },
    isContextOf: { ask: (entryPoint, forged) => call(entryPoint, 'isContextOf', forged, 'user-1') },
    isSameRunAs: attackSecond('isSameRunAs', {}),
    newCanary: attack('newCanary'),
    sameRunAs: attack('sameRunAs'),
    testContext: none('takes options and makes a context of a test'),
    testDefaults: none('a table'),
    testUser: none('takes options and makes a user of a test'),
  },
  'user-execution-context/ambient': {
    runWithContext: attack('runWithContext', answer),
    bindContext: attack('bindContext', answer),
    currentContext: none('takes nothing'),
    tryCurrentContext: none('takes nothing'),
  },
}

/** Calls an export by its name, as plain JavaScript would. */
export function call(entryPoint: Exports, name: string, ...parameters: readonly unknown[]): unknown {
  return entryPoint[name]!(...(parameters as never[]))
}
