// The attack table of other owners: the same subject of another issuer or tenant, and another user, times each function
// that takes a context; and of wider rights: a context with more than the ambient one. AISVS 9.5.2, 9.5.5, 10.2.5;
// RFC 8693 section 4.1.
import { inspect } from 'node:util'
import type { LiveSessions, UserExecutionContext, VerifiedFacts, VerifiedUser } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Crossed } from './crossing.ts'
import { crossings } from './crossings.ts'
import { importEntryPoints } from './native-entry-points.ts'
import { call, entryPoints, type Exports } from './entry-points.ts'
import { setSignIn } from './hop-crossings.ts'
import { begins, ends } from './lifetimes.ts'

const canary = 'canary-of-the-victim'
let loaded: ReadonlyMap<string, Exports>
const core = (): Exports => loaded.get('user-execution-context')!
let attempts = 0

beforeAll(async () => {
  loaded = await importEntryPoints()
  setSignIn(({ namespace, userId, tenantId }) => signIn(undefined, namespace, { userId, tenantId, sessionId: 's-2' }))
})
afterAll(() =>
  console.log(`attack table of other owners and wider rights: ${attempts} attempts, each as the table says`),
)

const facts = { userId: '1001', tenantId: 't-1', sessionId: 's-1', permissions: ['read', 'write'] } as const
const signIn = (
  sessions: LiveSessions | undefined,
  namespace: string,
  change: Partial<VerifiedFacts>,
): Promise<VerifiedUser> => {
  const verify = (): VerifiedFacts => ({ ...facts, issuedAtMs: Date.now(), ...change })
  const identity = call(core(), 'identityProvider', { name: 'oidc', namespace, sessions, verify })
  return (identity as (credentials: string) => Promise<VerifiedUser>)('x')
}

const thieves: Readonly<Record<string, readonly [string, Partial<VerifiedFacts>]>> = {
  'the same subject, tenant and session of another issuer': ['https://other.example', {}],
  'the same subject of another tenant': ['issuer', { tenantId: 't-2' }],
  'the same subject without a tenant': ['issuer', { tenantId: undefined }],
  'another user of the tenant, with the same session': ['issuer', { userId: '1002' }],
}
const cross = async (entryPoint: string, thief: readonly [string, Partial<VerifiedFacts>]): Promise<Crossed> => {
  const sessions = call(core(), 'liveSessions', { maxProofMs: 60_000 }) as LiveSessions
  const ids = { threadId: 'thread-of-the-victim', runId: 'run-of-the-victim' }
  const make = async (namespace: string, change: Partial<VerifiedFacts>, more: object): Promise<UserExecutionContext> =>
    call(core(), 'createForUser', await signIn(sessions, namespace, change), {
      ...ids,
      ...more,
    }) as UserExecutionContext
  return {
    exports: loaded.get(entryPoint)!,
    core: core(),
    sessions,
    victim: await make('issuer', {}, { agentContext: { canary } }),
    thief: await make(...thief, {}),
  }
}
const outcomeOf = async (attempt: () => unknown): Promise<unknown> => {
  attempts++
  try {
    return await attempt()
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  }
}

const rows = [begins, ends].flatMap((table) =>
  Object.entries(table).flatMap(([entryPoint, names]) => names.map((name) => [entryPoint, name] as const)),
)

describe('the table of crossings', () => {
  test('has each function that takes a context', () => {
    const named = Object.entries(crossings).flatMap(([entryPoint, of]) =>
      Object.keys(of).map((name) => `${entryPoint} ${name}`),
    )
    expect(named.sort()).toEqual(rows.map((row) => row.join(' ')).sort())
  })
})

describe.each(Object.entries(thieves))('%s', (_who, thief) => {
  test.each(rows)('gets nothing of the victim: %s %s', async (entryPoint, name) => {
    const crossing = crossings[entryPoint]![name]!
    const crossed = await cross(entryPoint, thief)
    if ('attempt' in crossing) {
      const outcome = await outcomeOf(() => crossing.attempt(crossed))
      if (crossing.refused instanceof RegExp) expect(outcome).toMatch(crossing.refused)
      else expect(outcome).toEqual(crossing.refused)
      return
    }
    const entry = entryPoints[entryPoint]![name]!
    const answer = await outcomeOf(() => ('attack' in entry ? entry.attack(crossed.exports, crossed.thief) : undefined))
    expect(inspect(answer, { depth: 9, showHidden: true })).not.toContain(canary)
  })
})

/** What a function answers to a context with more rights than the ambient one, where that is no refusal, and why. */
const takesWider: Readonly<Record<string, string>> = {
  'addIdentityWatcher': 'waits for an end',
  'assertLive': 'asks',
  'assertUserExecutionContext': 'asks',
  'isLive': 'asks',
  'isUserExecutionContext': 'asks',
  'isVerifiedUser': 'asks',
  '@user-execution-context/mcp contextOf': 'gives what it is given, which is refused where it is used',
  '@user-execution-context/mcp/sdk-1 contextOf': 'gives what it is given, which is refused where it is used',
  '@user-execution-context/testing expectOnlyOwn': 'looks for the canaries of others',
  '@user-execution-context/testing expectRefusesForgeries': 'gives nothing real to anybody but the function under test',
  '@user-execution-context/testing forgeries': 'gives copies, which are refused where they are used',
  '@user-execution-context/testing isContextOf': 'asks',
  '@user-execution-context/testing isSameRunAs': 'asks',
  '@user-execution-context/testing newCanary': 'makes a text',
  '@user-execution-context/testing sameRunAs': 'asks',
  'goldenPathLog.observe': 'writes a line',
  'goldenPathTelemetry.observe': 'makes a span',
  'goldenPathTelemetry.traceRun': 'makes a span',
  'liveSessions.revoke': 'ends',
  'openAuditTrail.record': 'records',
  'removeIdentityWatcher': 'waits no more',
  'toLogFields': 'prints',
  'toOwnerDigest': 'prints',
  'toOwnerKey': 'prints',
  'toSpanAttributes': 'prints',
  'watchIdentity': 'waits for an end',
  'completeSealed': 'ends the text of this very context, and of no other',
  'openSealed': 'gives the rights that the text has, to whoever holds the text',
}

describe.each<[string, (wide: UserExecutionContext) => unknown]>([
  ['fewer rights', (wide) => call(core(), 'deriveChild', wide, 'tool', { permissions: ['read'] })],
  ['an actor more', (wide) => call(core(), 'deriveChild', wide, 'tool', { actor: { name: 'helper', kind: 'agent' } })],
])('a tool whose ambient context has %s', (_what, narrow) => {
  test.each(rows)('does nothing with the context of its parent: %s %s', async (entryPoint, name) => {
    const { exports, victim: wide } = await cross(entryPoint, thieves['the same subject of another tenant']!)
    const entry = entryPoints[entryPoint]![name]!
    const ambient = loaded.get('user-execution-context/ambient')!
    const outcome = await outcomeOf(() =>
      call(ambient, 'runWithContext', narrow(wide), () =>
        'ask' in entry ? entry.ask(exports, wide) : 'attack' in entry ? entry.attack(exports, wide) : undefined,
      ),
    )
    const isTaken = name in takesWider || `${entryPoint} ${name}` in takesWider
    if (!isTaken) expect(outcome).toBe('ERR_CONTEXT_MISMATCH')
    else expect(outcome).not.toBe('ERR_CONTEXT_MISMATCH')
  })
})
