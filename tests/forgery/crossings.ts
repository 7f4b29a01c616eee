// THE table of what one owner can do with what is another's. Each function that takes a context is given the names of a
// victim (a resource, a handle, a run, a thread, a sealed text, an approval) by a thief who knows them all. A function
// that is missing here turns tests/forgery/crossings.test.ts red.
import type { AgentRun, Connection } from '@user-execution-context/golden-path'
import { openHandles, refused, type Crossed, type Crossing, type Functions } from './crossing.ts'
import { call } from './entry-points.ts'
import { hopCrossings } from './hop-crossings.ts'

const keep = (): number => 42
const nothing = (why: string): Crossing => ({ nothing: why })
const apart = (name: string, ...rest: readonly unknown[]): Crossing =>
  refused(true, ({ exports, victim, thief }) => {
    const [mine, theirs] = [thief, victim].map((each) => JSON.stringify(call(exports, name, each, ...rest)))
    return mine !== undefined && mine !== theirs
  })

const withHandle = (answer: unknown, attempt: (handles: Functions, handle: string, crossed: Crossed) => unknown) =>
  refused(answer, async (crossed) => {
    const handles = openHandles(crossed.core)
    const handle = (await handles['open']!(crossed.victim, 'of the victim')) as string
    const answered = await attempt(handles, handle, crossed)
    if ((await handles['find']!(crossed.victim, handle)) !== 'of the victim') throw new Error('the victim lost it')
    return answered
  })

const transport = { send: keep, close: keep, bufferedAmount: 0 }
const withRun = (
  answer: unknown,
  attempt: (goldenPath: Functions, run: AgentRun, connection: Connection, crossed: Crossed) => unknown,
): Crossing =>
  refused(answer, async (crossed) => {
    const { exports, victim } = crossed
    let hasEnded = false
    async function* agent(scope: { readonly signal: AbortSignal }): AsyncGenerator<never> {
      await new Promise<void>((resolve) => scope.signal.addEventListener('abort', () => resolve()))
      hasEnded = true
    }
    const goldenPath = call(exports, 'openGoldenPath', { agent }) as Functions
    const connection = goldenPath['connect']!(victim, transport) as Connection
    const options = { idempotencyKey: 'key of the victim, known', idempotencyScope: 'one' }
    const run = (await goldenPath['execute']!(victim, { text: 'of the victim' }, options)) as AgentRun
    try {
      const answered = await attempt(goldenPath, run, connection, crossed)
      if (hasEnded || connection.isClosed) throw new Error('the victim lost a run or a connection')
      return answered
    } finally {
      await goldenPath['close']!()
    }
  })

const ofDatabase = nothing('rows of another owner are attacked in packages/postgres, in a database')

/** By entry point and function, as in lifetimes.ts. */
export const crossings: Readonly<Record<string, Readonly<Record<string, Crossing>>>> = {
  'user-execution-context': {
    'deriveChild': refused(true, ({ exports, core, victim, thief }) => {
      const child = call(exports, 'deriveChild', thief, 'child')
      const [own, other] = [child, victim].map((each) => call(core, 'toOwnerKey', each))
      return own === call(core, 'toOwnerKey', thief) && own !== other
    }),
    'openScope': refused('thief', async ({ exports, thief }) => {
      const scope = call(exports, 'openScope', thief) as {
        readonly context: unknown
        readonly close: () => Promise<void>
      }
      await scope.close()
      return scope.context === thief ? 'thief' : scope.context
    }),
    'runInScope': refused('thief', ({ exports, thief }) =>
      call(exports, 'runInScope', thief, {}, ({ context }: { context: unknown }) =>
        context === thief ? 'thief' : context,
      ),
    ),
    'own': refused('ERR_CONTEXT_ISOLATION', ({ exports, victim, thief }) => {
      const resource = {}
      call(exports, 'own', victim, resource)
      return call(exports, 'own', thief, resource)
    }),
    'assertOwned': refused('ERR_CONTEXT_ISOLATION', ({ exports, victim, thief }) => {
      const resource = {}
      call(exports, 'own', victim, resource)
      return call(exports, 'assertOwned', thief, resource)
    }),
    'ownedHandles.find': withHandle(undefined, (handles, handle, { thief }) => handles['find']!(thief, handle)),
    'ownedHandles.release': withHandle(false, (handles, handle, { thief }) => handles['release']!(thief, handle)),
    // A thief who takes all places that it can gets none of the victim's, and no handle twice.
    'ownedHandles.open': withHandle('ERR_CONTEXT_TOO_MANY_HANDLES', async (handles, handle, { thief }) => {
      for (let place = 0; place < 3; place++)
        if ((await handles['open']!(thief, 'of the thief')) === handle) return 'the handle of the victim'
      return undefined
    }),
    'liveSessions.revoke': refused(true, async ({ core, sessions, victim, thief }) => {
      await sessions.revoke({ session: thief })
      return call(core, 'isLive', victim)
    }),
    'assertLive': refused(undefined, async ({ exports, sessions, victim, thief }) => {
      await sessions.revoke({ session: thief })
      return call(exports, 'assertLive', victim)
    }),
    'isLive': refused([false, true], async ({ exports, sessions, victim, thief }) => {
      await sessions.revoke({ session: thief })
      return [thief, victim].map((each) => call(exports, 'isLive', each))
    }),
    'watchIdentity': refused(0, async ({ exports, sessions, victim, thief }) => {
      let heard = 0
      call(exports, 'watchIdentity', thief, () => heard++)
      await sessions.revoke({ session: victim })
      return heard
    }),
    'addIdentityWatcher': refused(0, async ({ exports, sessions, victim, thief }) => {
      let heard = 0
      call(exports, 'addIdentityWatcher', thief, { identityEnded: () => heard++ })
      await sessions.revoke({ session: victim })
      return heard
    }),
    'removeIdentityWatcher': refused(1, async ({ exports, sessions, victim, thief }) => {
      let heard = 0
      const watcher = { identityEnded: () => heard++ }
      call(exports, 'addIdentityWatcher', victim, watcher)
      call(exports, 'removeIdentityWatcher', thief, watcher)
      await sessions.revoke({ session: victim })
      return heard
    }),
    'requireContext': nothing('asserts the context that it is given'),
    'assertUserExecutionContext': nothing('asserts what it is given'),
    'isUserExecutionContext': nothing('judges what it is given'),
    'isVerifiedUser': nothing('judges what it is given'),
    'openAuditTrail.record': refused(true, async ({ exports, victim, thief }) => {
      const records: string[] = []
      const write = ({ namespace, tenantId, userId }: Readonly<Record<string, unknown>>) =>
        records.push(JSON.stringify([namespace, tenantId, userId]))
      const trail = (await call(exports, 'openAuditTrail', { write })) as Functions
      for (const context of [victim, thief]) await trail['record']!(context, 'crossed')
      return records.length === 2 && records[0] !== records[1]
    }),
    'toLogFields': apart('toLogFields'),
    'toOwnerDigest': apart('toOwnerDigest', 'crossings'),
    'toOwnerKey': apart('toOwnerKey'),
    'toSpanAttributes': apart('toSpanAttributes'),
  },
  'user-execution-context/ambient': {
    bindContext: nothing('binds what it is given'),
    runWithContext: nothing('runs with what it is given'),
  },
  '@user-execution-context/golden-path': {
    'inProcessRunQueue.enqueue': nothing('files a job under its owner; openGoldenPath.execute is attacked'),
    // It holds nobody else's connection, and is sent no run of the victim.
    'openGoldenPath.connect': withRun('ERR_CONTEXT_ISOLATION', (goldenPath, run, _connection, { thief }) =>
      goldenPath['deliver']!(run, goldenPath['connect']!(thief, transport)),
    ),
    // The same thread, run id and key of a start: a run of its own, not that of the victim.
    'openGoldenPath.execute': withRun('a run of its own', async (goldenPath, run, _connection, { thief }) => {
      const options = { idempotencyKey: 'key of the victim, known', idempotencyScope: 'one' }
      const own = await goldenPath['execute']!(thief, { text: 'of the thief' }, options)
      return own === run || own.requestId === run.requestId ? 'the run of the victim' : 'a run of its own'
    }),
    'openGoldenPath.cancel': withRun('ERR_CONTEXT_RUN_NOT_FOUND', (goldenPath, run, _connection, { thief }) =>
      goldenPath['cancel']!(thief, run.runId),
    ),
    'openGoldenPath.findConnections': withRun([], (goldenPath, _run, _connection, { thief }) =>
      goldenPath['findConnections']!(thief),
    ),
    'openGoldenPath.findRun': withRun(undefined, (goldenPath, run, _connection, { thief }) =>
      goldenPath['findRun']!(thief, run.runId),
    ),
    'openGoldenPath.listRuns': withRun([], (goldenPath, _run, _connection, { thief }) =>
      goldenPath['listRuns']!(thief),
    ),
  },
  '@user-execution-context/golden-path/server': {
    'goldenPathLog.observe': nothing('writes a line of the context that it is given'),
  },
  '@user-execution-context/golden-path/opentelemetry': {
    'goldenPathTelemetry.observe': nothing('makes a span of the context that it is given'),
    'goldenPathTelemetry.traceRun': nothing('makes a span of the context that it is given'),
  },
  '@user-execution-context/http/trpc': { contextOf: nothing('gives the context of the call that it is given') },
  '@user-execution-context/mcp': {
    'contextOf': nothing('gives the context of the request that it is given'),
    'mcpContexts.notify': nothing('tells the streams of its own user, of which there are none here'),
  },
  '@user-execution-context/mcp/sdk-1': { contextOf: nothing('gives the context of the request that it is given') },
  '@user-execution-context/postgres': {
    'forgetUser': ofDatabase,
    'postgresRunQueue.enqueue': ofDatabase,
    'shardedRunQueue.enqueue': ofDatabase,
    'withUserSession': ofDatabase,
  },
  '@user-execution-context/testing': {
    expectOnlyOwn: refused('told', ({ exports, victim, thief }) => {
      const note = call(exports, 'newCanary', victim)
      try {
        return call(exports, 'expectOnlyOwn', { note }, thief)
      } catch {
        return 'told'
      }
    }),
    expectRefusesForgeries: nothing('calls a function of the caller'),
    forgeries: nothing('copies the context that it is given'),
    isContextOf: refused(false, ({ exports, victim, thief }) => call(exports, 'isContextOf', thief, victim)),
    isSameRunAs: refused(false, ({ exports, victim, thief }) => call(exports, 'isSameRunAs', thief, victim)),
    newCanary: nothing('makes a text for the owner that it is given'),
    sameRunAs: refused(false, ({ exports, victim, thief }) => {
      const matcher = call(exports, 'sameRunAs', victim) as { asymmetricMatch: (value: unknown) => boolean }
      return matcher.asymmetricMatch(thief)
    }),
  },
  '@user-execution-context/transfer': hopCrossings,
}
