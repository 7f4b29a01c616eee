// The attack table of identities that have ended: each way to end times each function that takes a context, found by
// reflection over the declarations of every package.
import type {
  LiveSessions,
  LiveSessionsOptions,
  RevocationListener,
  UserExecutionContext,
  VerifiedFacts,
  VerifiedUser,
} from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { importEntryPoints } from './native-entry-points.ts'
import { call, entryPoints, type Exports } from './entry-points.ts'
import { findFunctionsThatTake, publicEntryPoints } from './exported-entry-points.ts'
import { begins, beginsForUsers, ends, endsForUsers } from './lifetimes.ts'
import { userFunctions, type Caller } from './user-functions.ts'

let loaded: ReadonlyMap<string, Exports>
const core = (): Exports => loaded.get('user-execution-context')!
const user = { namespace: 'issuer', tenantId: 't-1', userId: '1001' }
let attempts = 0

beforeAll(async () => {
  loaded = await importEntryPoints()
})
afterAll(() => console.log(`attack table of ended identities: ${attempts} attempts, each as the table says`))

const open = (options: Partial<LiveSessionsOptions> = {}): LiveSessions =>
  call(core(), 'liveSessions', { maxProofMs: 60_000, ...options }) as LiveSessions
const signIn = (sessions: LiveSessions | undefined, more: Partial<VerifiedFacts> = {}): Promise<VerifiedUser> => {
  const verify = (): VerifiedFacts => ({
    userId: '1001',
    tenantId: 't-1',
    sessionId: 's-1',
    permissions: ['read'],
    ...more,
  })
  return (
    call(core(), 'identityProvider', { name: 'oidc', namespace: 'issuer', sessions, verify }) as (
      credentials: string,
    ) => Promise<VerifiedUser>
  )('x')
}
const contextOf = (verified: VerifiedUser): UserExecutionContext =>
  call(core(), 'createForUser', verified) as UserExecutionContext

/** A user and a context while both are live, and how their identity ends. */
type Begun = Omit<Caller, 'load'> & { readonly end: () => Promise<unknown> }
/** A busy machine takes its time: the end is waited for, and what it ends was begun long before. */
const begun = (user: VerifiedUser, sessions: LiveSessions | undefined): Begun => {
  const context = contextOf(user)
  const end = () => vi.waitUntil(() => call(core(), 'isLive', context) === false, { timeout: 30_000 })
  return { user, context, sessions, end }
}
const expires = async (sessions: LiveSessions | undefined): Promise<Begun> =>
  begun(await signIn(sessions, { issuedAtMs: Date.now(), expiresAtMs: Date.now() + 2_000 }), sessions)

/** Each way to end, from a live user and context, and the code that says so. */
const endings: Readonly<Record<string, readonly [string, () => Promise<Begun>]>> = {
  'expired, in no registry': ['ERR_CONTEXT_IDENTITY_EXPIRED', () => expires(undefined)],
  'expired, in a registry': ['ERR_CONTEXT_IDENTITY_EXPIRED', () => expires(open())],
  'signed out': revoked((context) => ({ session: context })),
  'signed out everywhere, or deleted': revoked(() => ({ user })),
  'of a tenant that was signed out': revoked(() => ({ tenant: { namespace: 'issuer', tenantId: 't-1' } })),
  'demoted': revoked(() => ({ user }), { reason: 'rights_changed' }),
  'exempted, and of a user who was signed out everywhere': revoked(
    () => ({ user }),
    {},
    (context) =>
      call(core(), 'deriveChild', context, 'run', {
        outlivesIdentity: { reason: 'unit test', untilMs: Date.now() + 9_000 },
      }),
  ),
  'of a registry that hears nothing': [
    'ERR_CONTEXT_LIVENESS_UNKNOWN',
    async () => {
      let feed!: RevocationListener
      const follow = (listener: RevocationListener) => ((feed = listener), () => {})
      const sessions = open({ staleAfterMs: 2_000, store: { write: async () => {}, follow } })
      feed.heard()
      return begun(await signIn(sessions), sessions)
    },
  ],
}

function revoked(
  target: (context: UserExecutionContext) => object,
  options: object = {},
  derive: (context: UserExecutionContext) => unknown = (context) => context,
): readonly [string, () => Promise<Begun>] {
  return [
    'ERR_CONTEXT_IDENTITY_REVOKED',
    async () => {
      const sessions = open()
      const verified = await signIn(sessions)
      const context = derive(contextOf(verified)) as UserExecutionContext
      return { user: verified, context, sessions, end: () => sessions.revoke(target(context) as never, options) }
    },
  ]
}

/** What a function says to a context: its code, or what it answers when it asks. */
const outcomeOf = async (entryPoint: string, name: string, context: UserExecutionContext): Promise<unknown> => {
  const entry = entryPoints[entryPoint]![name]!
  const exports = loaded.get(entryPoint)!
  attempts++
  try {
    if ('ask' in entry) return entry.ask(exports, context)
    if ('attack' in entry) await entry.attack(exports, context)
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  }
}

/** What a function says to a user: its code, or what it answers. */
const outcomeForUser = async (act: () => unknown): Promise<unknown> => {
  attempts++
  try {
    return await act()
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  }
}
const load = (entryPoint: string): Exports => loaded.get(entryPoint)!

const rows = (table: Readonly<Record<string, readonly string[]>>): readonly (readonly [string, string])[] =>
  Object.entries(table).flatMap(([entryPoint, names]) => names.map((name) => [entryPoint, name] as const))

describe('the table of lifetimes', () => {
  test('has each function that takes a context, once', () => {
    const taking = Object.entries(entryPoints).flatMap(([entryPoint, entries]) =>
      Object.entries(entries)
        .filter(([, entry]) => 'attack' in entry || 'ask' in entry)
        .map(([name]) => `${entryPoint} ${name}`),
    )
    expect([...rows(begins), ...rows(ends)].map((row) => row.join(' ')).sort()).toEqual(taking.sort())
  })
})

describe('the table of lifetimes of users', () => {
  test('has each function that takes a verified user, a connection or a run, once', () => {
    const taking = ['VerifiedUser', 'Connection', 'AgentRun'].flatMap((sealed) =>
      Object.keys(publicEntryPoints).flatMap((entryPoint) =>
        findFunctionsThatTake(sealed, entryPoint).map((name) => `${entryPoint} ${name}`),
      ),
    )
    const known = [...rows(beginsForUsers), ...rows(endsForUsers)].map((row) => row.join(' ')).sort()
    expect(known).toEqual([...new Set(taking)].sort())
    expect(known).toEqual(Object.keys(userFunctions).sort())
  })

  test.each(Object.keys(userFunctions))('takes those of a live identity: %s', async (name) => {
    const sessions = open()
    const verified = await signIn(sessions)
    const caller = { load, user: verified, context: contextOf(verified), sessions }
    const outcome = await outcomeForUser(await userFunctions[name]!(caller))
    expect(String(outcome)).not.toMatch(/^ERR_|^false$/)
  })
})

describe('a live context', () => {
  test.each([...rows(begins), ...rows(ends)])('is taken: %s %s', async (entryPoint, name) => {
    const context = contextOf(await signIn(open()))
    expect(String(await outcomeOf(entryPoint, name, context))).not.toMatch(/IDENTITY|LIVENESS|NOT_ISSUED/)
  })
})

describe.each(Object.entries(endings))('an identity that is %s', (_how, [code, end]) => {
  let ended: Begun
  const calls = new Map<string, () => unknown>()
  beforeAll(async () => {
    ended = await end()
    for (const [name, prepare] of Object.entries(userFunctions)) calls.set(name, await prepare({ load, ...ended }))
    await ended.end()
  })

  test.each(rows(beginsForUsers))('begins nothing for a user: %s %s', async (entryPoint, name) => {
    const outcome = await outcomeForUser(calls.get(`${entryPoint} ${name}`)!)
    expect(outcome).toBe(name === 'liveSessions.renew' ? false : code)
  })

  test.each(rows(endsForUsers))('ends and records for a user: %s %s', async (entryPoint, name) => {
    const outcome = await outcomeForUser(calls.get(`${entryPoint} ${name}`)!)
    expect(String(outcome)).not.toMatch(/IDENTITY|LIVENESS|NOT_ISSUED/)
  })

  test.each(rows(begins))('begins nothing: %s %s', async (entryPoint, name) => {
    expect(await outcomeOf(entryPoint, name, ended.context)).toBe(name === 'isLive' ? false : code)
  })

  test.each(rows(ends))('ends, records and prints: %s %s', async (entryPoint, name) => {
    expect(String(await outcomeOf(entryPoint, name, ended.context))).not.toMatch(/IDENTITY|LIVENESS|NOT_ISSUED/)
  })
})
