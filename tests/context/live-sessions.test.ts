import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createForUser, deriveChild, type UserExecutionContext } from '../../src/context/user-execution-context.ts'
import { assertLive, isLive, watchIdentity } from '../../src/context/live-context.ts'
import { liveSessions, type LiveSessions } from '../../src/context/live-sessions.ts'
import type { VerifiedFacts } from '../../src/identity/identity-facts.ts'
import { identityProvider, vouchForUser, type VerifiedUser } from '../../src/identity/verified-user.ts'
import type { RevocationListener, RevocationStore } from '../../src/identity/live-options.ts'
import type { Tombstone } from '../../src/identity/tombstones.ts'
import { toLogFields } from '../../src/context/to-log-fields.ts'
import { openScope } from '../../src/scope/open-scope.ts'
import { catchError, catchRejection, toFaults } from '../errors/catch-error.ts'

const hour = 3_600_000
const namespace = 'https://id.example.com'
const facts = { userId: '1001', sessionId: 's-1', tenantId: 't-1', permissions: ['read', 'write'] }
const signIn = (
  sessions: LiveSessions | undefined,
  more: Partial<VerifiedFacts> = {},
  of = namespace,
): Promise<VerifiedUser> =>
  identityProvider({ name: 'oidc', namespace: of, sessions, verify: () => ({ ...facts, ...more }) as VerifiedFacts })(
    'x',
  )
const toIso = (epochMs: number): string => new Date(epochMs).toISOString()
const codeOf = (attempt: () => unknown): string | undefined => {
  try {
    attempt()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('revoke', () => {
  test.each([
    ['session', 'session_revoked'],
    ['user', 'user_revoked'],
    ['tenant', 'tenant_revoked'],
  ] as const)('by %s ends the contexts, the children and the user of it, and says why', async (by, reason) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = await signIn(sessions)
    const context = createForUser(user)
    const child = deriveChild(context, 'tool')
    const heard: unknown[] = []
    watchIdentity(child, (error, why) => heard.push([error.code, why]))
    expect([user, context, child].map(isLive)).toEqual([true, true, true])
    const target = {
      session: { session: context },
      user: { user: { namespace, tenantId: 't-1', userId: '1001' } },
      tenant: { tenant: { namespace, tenantId: 't-1' } },
    }[by]
    expect(await sessions.revoke(target)).toBe(1)
    expect([user, context, child].map(isLive)).toEqual([false, false, false])
    expect(heard).toEqual([['ERR_CONTEXT_IDENTITY_REVOKED', reason]])
    for (const attempt of [
      () => createForUser(user),
      () => deriveChild(context, 'more'),
      () => assertLive(child),
      () => openScope(context),
    ])
      expect(codeOf(attempt)).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await sessions.revoke(target)).toBe(0)
  })

  test('of one session too many of a user ends the others that live too, and refuses them from then on', async () => {
    const written: Tombstone[] = []
    let feed!: RevocationListener
    const store: RevocationStore = {
      write: async (tombstone) => void written.push(tombstone),
      follow: (listener) => (listener.heard(), (feed = listener), () => {}),
    }
    const sessions = liveSessions({ maxProofMs: hour, store })
    const signInAt = (sessionId: string, more = {}) => signIn(sessions, { sessionId, issuedAtMs: Date.now(), ...more })
    const [phone, laptop] = [await signInAt('phone'), await signInAt('laptop', { issuedAtMs: undefined })]
    const others = [await signInAt('phone', { userId: '1002' }), await signInAt('phone', { tenantId: 't-2' })]
    const heard: string[] = []
    for (const user of [phone, laptop]) watchIdentity(user, (_error, reason) => heard.push(reason))
    for (let count = 0; count < 1000; count++)
      expect(await sessions.revoke({ session: await signInAt(`s-${count}`) })).toBe(1)
    expect([phone, laptop].map(isLive)).toEqual([true, true])
    expect(await sessions.revoke({ session: await signInAt('one-too-many') })).toBe(3)
    expect([[phone, laptop].map(isLive), heard]).toEqual([
      [false, false],
      ['user_revoked', 'user_revoked'],
    ])
    expect(others.map(isLive)).toEqual([true, true])
    const issuedAtMs = Date.now()
    expect((await catchRejection(signInAt('new', { issuedAtMs }))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    // A user who signs in again stays, also when a feed says again what it has said.
    vi.advanceTimersByTime(10)
    const again = await signInAt('s-1')
    for (const tombstone of written) feed.revoked(tombstone)
    expect([isLive(again), others.map(isLive)]).toEqual([true, [true, true]])
    sessions.close()
  })

  // An issuer whose clock is ahead dates its proofs after the sign-out that is to end them.
  test.each([
    ['with a session id', {}, 4_000],
    ['without one', { sessionId: undefined }, 4_000],
    ['as far ahead as is tolerated', {}, 300_000],
  ])('by the session of a proof %s refuses it later too, where its issuer is ahead', async (_kind, more, aheadMs) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const ahead = { ...more, issuedAtMs: Date.now() + aheadMs }
    const user = await signIn(sessions, ahead)
    vi.advanceTimersByTime(100)
    await sessions.revoke({ session: user })
    for (const passedMs of [0, aheadMs - 100, 60_000]) {
      vi.advanceTimersByTime(passedMs)
      expect(await catchRejection(signIn(sessions, ahead))).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    }
    expect(isLive(await signIn(sessions, { ...more, issuedAtMs: Date.now() }))).toBe(true)
  })

  // A proof of the future seems to be of a sign-in since. It was verified before, so it ends, and stays so.
  test.each([
    ['user', { user: { namespace, tenantId: 't-1', userId: '1001' } }, 60_000],
    ['user, as far ahead as is tolerated', { user: { namespace, tenantId: 't-1', userId: '1001' } }, 300_000],
    ['tenant', { tenant: { namespace, tenantId: 't-1' } }, 60_000],
  ])('by %s refuses what is dated after it later too', async (_by, target, aheadMs) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const ahead = { issuedAtMs: Date.now() + aheadMs }
    // Others whose clocks are ahead, before and after: each counts for itself.
    for (const facts of [{ userId: '1002', issuedAtMs: Date.now() + 9 }, ahead, { ...ahead, userId: '1003' }])
      await signIn(sessions, facts)
    vi.advanceTimersByTime(100)
    await sessions.revoke(target)
    for (const passedMs of [0, 1, aheadMs - 101, 60_000]) {
      vi.advanceTimersByTime(passedMs)
      expect(await catchRejection(signIn(sessions, ahead))).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    }
    expect(isLive(await signIn(sessions, { issuedAtMs: Date.now() }))).toBe(true)
  })

  // The limit that docs/core.md names. Refusing both would lock the user out for as long as the clock is ahead.
  test('cannot tell what a clock that is ahead made before, and nobody has seen, from a sign-in since', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const seen = { issuedAtMs: Date.now() + 4_000 }
    const unseen = { issuedAtMs: Date.now() + 4_001 }
    const context = createForUser(await signIn(sessions, seen))
    vi.advanceTimersByTime(10)
    await sessions.revoke({ session: context })
    expect((await catchRejection(signIn(sessions, seen))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    vi.advanceTimersByTime(4_000)
    expect(isLive(await signIn(sessions, unseen))).toBe(true)
  })

  test('lets a user of a right issuer sign in again at once, whatever the clocks of others say', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    await signIn(sessions, { userId: '1002', issuedAtMs: Date.now() + 60_000 })
    const context = createForUser(await signIn(sessions, { issuedAtMs: Date.now() }))
    await sessions.revoke({ session: context })
    vi.advanceTimersByTime(1)
    expect(isLive(await signIn(sessions, { issuedAtMs: Date.now() }))).toBe(true)
  })

  test.each([300_001, hour])('finds no proof that is dated %i ms ahead: it is refused', async (aheadMs) => {
    const facts = { sessionId: undefined, issuedAtMs: Date.now() + aheadMs }
    for (const sessions of [liveSessions({ maxProofMs: hour }), undefined])
      expect(await catchRejection(signIn(sessions, facts))).toMatchObject({
        code: 'ERR_CONTEXT_INVALID_IDENTITY',
        issues: [{ path: 'issuedAtMs', kind: 'too large' }],
      })
  })

  test.each([
    ['the same session id of another user', { userId: '1002' }, namespace],
    ['the same session id in another tenant', { tenantId: 't-2' }, namespace],
    ['the same user of another issuer', {}, 'https://partner.example'],
    ['another session of the user', { sessionId: 's-2' }, namespace],
    ['the user without a tenant', { tenantId: undefined }, namespace],
  ])('by session leaves %s', async (_who, more, of) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const other = createForUser(await signIn(sessions, more, of))
    expect(await sessions.revoke({ session: createForUser(await signIn(sessions)) })).toBe(1)
    expect(isLive(other)).toBe(true)
    expect(isLive(await signIn(sessions, more, of))).toBe(true)
  })

  test('by user leaves the same id without a tenant, and by user without a tenant leaves the one with', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const [inTenant, without] = [await signIn(sessions), await signIn(sessions, { tenantId: undefined })]
    await sessions.revoke({ user: { namespace, userId: '1001' } })
    expect([inTenant, without].map(isLive)).toEqual([true, false])
  })

  test('signs a session without an id out with all of its user', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const [one, other] = [await signIn(sessions, { sessionId: undefined }), await signIn(sessions)]
    expect(await sessions.revoke({ session: one })).toBe(2)
    expect(isLive(other)).toBe(false)
  })

  test('refuses proofs that were issued before or do not say, and lets in one that was issued after', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const issuedAtMs = Date.now()
    const context = createForUser(await signIn(sessions, { issuedAtMs }))
    vi.advanceTimersByTime(1000)
    const revokedAtMs = Date.now()
    await sessions.revoke({ user: { namespace, tenantId: 't-1', userId: '1001' } })
    expect(isLive(context)).toBe(false)
    for (const more of [{ issuedAtMs }, { issuedAtMs: revokedAtMs }, {}, { issuedAtMs: revokedAtMs + 60_000 }])
      expect((await catchRejection(signIn(sessions, more))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    vi.advanceTimersByTime(1)
    expect(isLive(await signIn(sessions, { issuedAtMs: Date.now() }))).toBe(true)
  })

  test('is remembered until every proof that was issued before must have ended', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    await sessions.revoke({ user: { namespace, tenantId: 't-1', userId: '1001' } })
    vi.advanceTimersByTime(hour)
    expect((await catchRejection(signIn(sessions))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    vi.advanceTimersByTime(2)
    expect(isLive(await signIn(sessions))).toBe(true)
  })

  test('finds a proof whose acceptance was being asked for meanwhile', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    let decide: (answer: VerifiedFacts) => void = () => {}
    const verified = new Promise<VerifiedFacts>((resolve) => (decide = resolve))
    const user = identityProvider({ name: 'oidc', namespace, sessions, verify: () => verified })('x')
    await sessions.revoke({ tenant: { namespace, tenantId: 't-1' } })
    decide({ ...facts, issuedAtMs: Date.now() - 1 })
    expect((await catchRejection(user)).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('says that a right was taken away', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(await signIn(sessions))
    const heard: string[] = []
    watchIdentity(context, (_error, reason) => heard.push(reason))
    await sessions.revoke({ user: { namespace, tenantId: 't-1', userId: '1001' } }, { reason: 'rights_changed' })
    expect(heard).toEqual(['rights_changed'])
    expect(catchError(() => assertLive(context)).message).toContain('A right of the user was taken away')
  })

  test.each([
    ['nothing', {}],
    ['no object', 'user'],
    ['null', null],
    ['a live object', Object.assign(new (class Target {})(), { user: { namespace, userId: '1' } })],
    ['two targets', { user: { namespace, userId: '1' }, tenant: { namespace, tenantId: 't' } }],
    ['an unknown target', { everybody: true }],
    ['an undefined user', { user: undefined }],
    ['a user whose tenant is undefined', { user: { namespace, tenantId: undefined, userId: '1' } }],
    ['a user without an id', { user: { namespace } }],
    ['a user without a namespace', { user: { userId: '1' } }],
    ['a user with a session', { user: { namespace, userId: '1', sessionId: 's' } }],
    ['a tenant that is undefined', { tenant: { namespace, tenantId: undefined } }],
    ['a tenant with a user', { tenant: { namespace, tenantId: 't', userId: '1' } }],
  ])('refuses %s', async (_what, target) => {
    const sessions = liveSessions({ maxProofMs: hour })
    expect((await catchRejection(sessions.revoke(target as never))).code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test('takes no tenant from a polluted Object.prototype', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const [inTenant, without] = [await signIn(sessions), await signIn(sessions, { tenantId: undefined })]
    try {
      Object.assign(Object.prototype, { tenantId: 't-1' })
      await sessions.revoke({ user: { namespace, userId: '1001' } })
    } finally {
      delete (Object.prototype as { tenantId?: unknown }).tenantId
    }
    expect([inTenant, without].map(isLive)).toEqual([true, false])
  })

  test('refuses a reason that there is not, and an object that is no registry', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const target = { user: { namespace, userId: '1001' } }
    expect((await catchRejection(sessions.revoke(target, { reason: 'x' as never }))).code).toBe(
      'ERR_CONTEXT_INVALID_OPTIONS',
    )
    expect(codeOf(() => sessions.close.call({} as never))).toBe('ERR_CONTEXT_NOT_ISSUED')
  })

  test.each([
    ['no registry', () => undefined],
    ['another registry', () => liveSessions({ maxProofMs: hour })],
  ])('refuses the session of a proof that is filed in %s, which would go on', async (where, open) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = await signIn(open())
    for (const session of [user, createForUser(user), deriveChild(createForUser(user), 'tool')]) {
      const error = await catchRejection(sessions.revoke({ session }))
      expect(error).toMatchObject({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues: [{ path: 'session' }] })
      expect(error.message).toContain(where)
    }
    expect(isLive(user)).toBe(true)
    expect(isLive(await signIn(sessions))).toBe(true)
  })

  test('refuses a session that is named by a text, or by a copy of a context', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(await signIn(sessions))
    for (const session of ['s-1', { ...context }, undefined])
      expect((await catchRejection(sessions.revoke({ session } as never))).code).toBe('ERR_CONTEXT_NOT_ISSUED')
  })
})

describe('the store', () => {
  const memory = (): RevocationStore & { readonly written: Tombstone[] } => {
    const written: Tombstone[] = []
    return { written, write: async (tombstone) => void written.push(tombstone) }
  }

  // JWT allows a fraction of a second, and a database takes no fraction of a millisecond.
  test('is given whole milliseconds, also where a proof says a fraction', async () => {
    const store = memory()
    const sessions = liveSessions({ maxProofMs: hour, store })
    const issuedAtMs = Date.now() + 1_000.5
    await sessions.revoke({ session: await signIn(sessions, { issuedAtMs }) })
    const { notBeforeMs, untilMs } = store.written[0]!
    expect([notBeforeMs, untilMs].map(Number.isInteger)).toEqual([true, true])
    vi.advanceTimersByTime(2_000)
    expect((await catchRejection(signIn(sessions, { issuedAtMs }))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('has a revocation before it is answered, and gives it to the next process', async () => {
    const store = memory()
    const before = liveSessions({ maxProofMs: hour, store })
    const context = createForUser(await signIn(before))
    expect(await before.revoke({ session: context })).toBe(1)
    const tombstones = JSON.parse(JSON.stringify(store.written)) as Tombstone[]
    const after = liveSessions({ maxProofMs: hour, store: { tombstones, write: async () => {} } })
    expect((await catchRejection(signIn(after))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(isLive(await signIn(after, { sessionId: 's-2' }))).toBe(true)
  })

  test('that fails makes the sign-out fail, and what was live has ended nevertheless', async () => {
    const failure = new Error('disk full')
    const sessions = liveSessions({ maxProofMs: hour, store: { write: () => Promise.reject(failure) } })
    const context = createForUser(await signIn(sessions))
    await expect(sessions.revoke({ session: context })).rejects.toBe(failure)
    expect(isLive(context)).toBe(false)
    expect((await catchRejection(signIn(sessions))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('that follows other processes ends what they revoke, and nothing begins while it is silent', async () => {
    let feed!: RevocationListener
    let isFollowed = true
    const store: RevocationStore = {
      write: async () => {},
      follow: (listener) => {
        feed = listener
        return () => (isFollowed = false)
      },
    }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: 10_000 })
    expect((await catchRejection(signIn(sessions))).code).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
    feed.heard()
    const context = createForUser(await signIn(sessions))
    const other = createForUser(await signIn(sessions, { userId: '1002' }))
    const heard: unknown[] = []
    watchIdentity(other, () => heard.push('end'))
    vi.advanceTimersByTime(10_000)
    expect(isLive(context)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(codeOf(() => deriveChild(context, 'exact'))).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
    vi.advanceTimersByTime(250)
    expect([codeOf(() => assertLive(context)), isLive(context)]).toEqual(['ERR_CONTEXT_LIVENESS_UNKNOWN', false])
    expect(heard).toEqual([])
    feed.revoked({ key: 'user:x', notBeforeMs: 1, untilMs: Date.now() + 1, reason: 'user_revoked' })
    feed.heard()
    expect(isLive(context)).toBe(true)
    const elsewhere = memory()
    const there = liveSessions({ maxProofMs: hour, store: elsewhere })
    await there.revoke({ session: await signIn(there) })
    feed.revoked(elsewhere.written[0]!)
    expect([isLive(context), isLive(other)]).toEqual([false, true])
    expect(codeOf(() => feed.revoked({ key: 'x' } as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    sessions.close()
    expect([isFollowed, isLive(other)]).toEqual([false, false])
  })

  test('that tells of a revocation ends what is dated after it, where this process has seen it before', async () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: hour })
    feed.heard()
    const ahead = { issuedAtMs: Date.now() + 60_000 }
    await signIn(sessions, ahead)
    const elsewhere = memory()
    await liveSessions({ maxProofMs: hour, store: elsewhere }).revoke({ tenant: { namespace, tenantId: 't-1' } })
    feed.revoked(elsewhere.written[0]!)
    // The last one is the last moment at which a proof of then could still live.
    for (const passedMs of [1, 60_000, hour - 60_002]) {
      vi.advanceTimersByTime(passedMs)
      expect((await catchRejection(signIn(sessions, ahead))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
      if (passedMs === 60_000) expect(isLive(await signIn(sessions, { issuedAtMs: Date.now() }))).toBe(true)
    }
  })

  test('says whether something can begin, as a readiness check asks it', () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: 10_000 })
    const alone = liveSessions({ maxProofMs: hour })
    const known = (): readonly boolean[] => [sessions.isLivenessKnown, alone.isLivenessKnown]
    expect(known()).toEqual([false, true])
    feed.heard()
    expect(known()).toEqual([true, true])
    // Before the timer has noticed.
    vi.advanceTimersByTime(10_001)
    expect(known()).toEqual([false, true])
    feed.heard()
    expect(known()).toEqual([true, true])
    for (const registry of [sessions, alone]) registry.close()
    expect(known()).toEqual([false, false])
    expect(codeOf(() => Object.create(alone).isLivenessKnown)).toBe('ERR_CONTEXT_NOT_ISSUED')
  })

  test('that repeats itself ends nobody who has signed in since, and a stricter record ends them', async () => {
    let feed!: RevocationListener
    const written: Tombstone[] = []
    const store: RevocationStore = {
      write: async (tombstone) => void written.push(tombstone),
      follow: (listener) => {
        feed = listener
        return () => {}
      },
    }
    const sessions = liveSessions({ maxProofMs: hour, store })
    feed.heard()
    const issued = (): Promise<VerifiedUser> => signIn(sessions, { issuedAtMs: Date.now() })
    const before = createForUser(await issued())
    await sessions.revoke({ user: { namespace, tenantId: 't-1', userId: '1001' } })
    vi.advanceTimersByTime(1)
    const after = createForUser(await issued())
    for (let times = 0; times < 3; times++) feed.revoked({ ...written[0]! })
    expect([isLive(before), isLive(after)]).toEqual([false, true])
    // Another process: the same moment, for longer.
    feed.revoked({ ...written[0]!, untilMs: written[0]!.untilMs + 1 })
    expect(isLive(after)).toBe(false)
    const last = createForUser(await issued())
    feed.revoked({ ...written[0]!, notBeforeMs: Date.now() + 1 })
    expect(isLive(last)).toBe(false)
    sessions.close()
  })
})

describe('the bounds', () => {
  test('refuse a revocation when there is no room, end what is live, and forget none', async () => {
    const sessions = liveSessions({ maxProofMs: hour, maxTombstones: 1 })
    const user = (userId: string) => ({ user: { namespace, tenantId: 't-1', userId } })
    await sessions.revoke(user('1001'))
    const other = await signIn(sessions, { userId: '1002' })
    expect((await catchRejection(sessions.revoke(user('1002')))).code).toBe('ERR_CONTEXT_TOO_MANY_REVOCATIONS')
    expect(isLive(other)).toBe(false)
    expect((await catchRejection(signIn(sessions))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    vi.advanceTimersByTime(hour + 2)
    expect(await sessions.revoke(user('1002'))).toBe(0)
  })

  test('sign a user out everywhere whose sessions fill the memory, and nobody else', async () => {
    const sessions = liveSessions({ maxProofMs: hour, maxTombstones: 1001 })
    for (let session = 0; session <= 1000; session++)
      await sessions.revoke({ session: await signIn(sessions, { sessionId: `s-${session}` }) })
    expect((await catchRejection(signIn(sessions, { sessionId: 'new' }))).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    const other = await signIn(sessions, { userId: '1002' })
    expect(await sessions.revoke({ session: other })).toBe(1)
  })
})

describe('renew', () => {
  const proof = async (
    sessions: LiveSessions,
    more: Partial<VerifiedFacts> = {},
    of = namespace,
  ): Promise<VerifiedUser> => signIn(sessions, { expiresAtMs: Date.now() + 5000, ...more }, of)

  test('lets what was begun with the old proof last as long as the new one', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const previous = await proof(sessions)
    const context = createForUser(previous)
    const heard: string[] = []
    watchIdentity(context, (error) => heard.push(error.code))
    vi.advanceTimersByTime(4000)
    expect(sessions.renew(previous, await proof(sessions, { permissions: ['write', 'read', 'more'] }))).toBe(true)
    vi.advanceTimersByTime(4000)
    expect([isLive(context), isLive(createForUser(previous)), heard]).toEqual([true, true, []])
    vi.advanceTimersByTime(1251)
    expect([isLive(context), heard]).toEqual([false, ['ERR_CONTEXT_IDENTITY_EXPIRED']])
  })

  test('is what a context says and prints: of its making the end then, and of now the end that was moved', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const previous = await proof(sessions)
    const [context, printed] = [createForUser(previous), createForUser(previous)]
    const [firstEnd, secondEnd] = [Date.now() + 5000, Date.now() + 9000]
    expect([printed.toJSON().expiresAt, printed.identityEndsAtMs]).toEqual([toIso(firstEnd), firstEnd])
    vi.advanceTimersByTime(4000)
    sessions.renew(previous, await proof(sessions))
    vi.advanceTimersByTime(2000)
    for (const earlier of [context, printed])
      expect([earlier.expiresAtMs, earlier.identityEndsAtMs]).toEqual([firstEnd, secondEnd])
    for (const later of [createForUser(previous), deriveChild(context, 'tool')])
      expect([later.expiresAtMs, later.identityEndsAtMs]).toEqual([secondEnd, secondEnd])
    for (const live of [context, printed, createForUser(previous), deriveChild(context, 'tool')])
      expect(toLogFields(live).expiresAt).toBe(toIso(secondEnd))
  })

  test.each([
    ['says when it was issued', (): Partial<VerifiedFacts> => ({ issuedAtMs: Date.now() - 1000 }), 1000],
    ['does not say it', () => ({}), 0],
  ])('moves when it was proven to that of a newer proof that %s, and never back', async (_what, dated, agoMs) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const previous = await proof(sessions, dated())
    const older = await proof(sessions, { issuedAtMs: Date.now() - 2000 })
    const context = createForUser(previous)
    const firstMs = Date.now() - agoMs
    expect([sessions.renew(previous, older), context.provenAtMs]).toEqual([true, firstMs])
    vi.advanceTimersByTime(4000)
    expect(sessions.renew(previous, await proof(sessions, dated()))).toBe(true)
    for (const of of [context, createForUser(previous), deriveChild(context, 'tool')])
      expect(of.provenAtMs).toBe(firstMs + 4000)
  })

  test('of a verification alone lengthens nothing', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(await proof(sessions))
    vi.advanceTimersByTime(4000)
    await proof(sessions)
    vi.advanceTimersByTime(1251)
    expect(isLive(context)).toBe(false)
  })

  test.each([
    ['fewer rights', { permissions: ['read'] }, namespace],
    ['another session', { sessionId: 's-2' }, namespace],
    ['another tenant', { tenantId: 't-2' }, namespace],
    ['another user', { userId: '1002' }, namespace],
    ['another issuer', {}, 'https://partner.example'],
    ['an actor more', { actors: [{ name: 'planner', kind: 'agent' as const }] }, namespace],
  ])('by a proof with %s lets the old one end at its own time', async (_what, more, of) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const previous = await proof(sessions)
    vi.advanceTimersByTime(4000)
    expect(sessions.renew(previous, await proof(sessions, more, of))).toBe(false)
    vi.advanceTimersByTime(1251)
    expect(isLive(previous)).toBe(false)
  })

  test('revives nothing that has ended, takes no ended proof, and none of another registry', async () => {
    const [sessions, others] = [liveSessions({ maxProofMs: hour }), liveSessions({ maxProofMs: hour })]
    const expired = await proof(sessions)
    vi.advanceTimersByTime(5000)
    const fresh = await proof(sessions)
    expect(sessions.renew(expired, fresh)).toBe(false)
    expect(sessions.renew(fresh, expired)).toBe(false)
    expect(sessions.renew(fresh, await proof(others))).toBe(false)
    expect(sessions.renew(await signIn(undefined), fresh)).toBe(false)
    const revoked = await proof(sessions, { sessionId: 's-9' })
    await sessions.revoke({ session: revoked })
    expect(sessions.renew(revoked, fresh)).toBe(false)
    await sessions.revoke({ session: fresh })
    vi.advanceTimersByTime(1)
    const again = await proof(sessions, { issuedAtMs: Date.now() })
    expect([sessions.renew(fresh, again), sessions.renew(again, fresh), isLive(fresh)]).toEqual([false, false, false])
    expect(codeOf(() => sessions.renew({ ...fresh } as never, fresh))).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
  })
})

describe('the end of a proof', () => {
  test('is noticed at most 250 ms late by one timer, and at once where something begins', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const contexts: UserExecutionContext[] = []
    for (const expiresAtMs of [5003, 2001, 90_000, 2002])
      contexts.push(createForUser(await signIn(sessions, { expiresAtMs: Date.now() + expiresAtMs })))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(2002)
    expect(codeOf(() => deriveChild(contexts[1]!, 'tool'))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
    vi.advanceTimersByTime(250)
    expect(contexts.map(isLive)).toEqual([true, false, true, false])
    vi.advanceTimersByTime(3001)
    expect(contexts.map(isLive)).toEqual([false, false, true, false])
    expect(vi.getTimerCount()).toBe(1)
  })

  test('is at most maxProofMs after its issue', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const now = Date.now()
    expect((await signIn(sessions, { expiresAtMs: now + 2 * hour, issuedAtMs: now - 1000 })).expiresAtMs).toBe(
      now - 1000 + hour,
    )
    expect((await signIn(sessions)).expiresAtMs).toBe(now + hour)
    expect((await catchRejection(signIn(sessions, { issuedAtMs: now - hour }))).code).toBe(
      'ERR_CONTEXT_IDENTITY_EXPIRED',
    )
  })

  test('is noticed after months, too', async () => {
    const sessions = liveSessions({ maxProofMs: 100 * 86_400_000 })
    const context = createForUser(await signIn(sessions))
    // Set, and not passed: the timer fires every minute.
    const passDays = (days: number): void => {
      vi.setSystemTime(Date.now() + days * 86_400_000)
      vi.advanceTimersByTime(60_000)
    }
    passDays(99)
    expect(isLive(context)).toBe(true)
    passDays(1)
    expect(isLive(context)).toBe(false)
  })

  test('without a registry is read from the clock', async () => {
    const context = createForUser(await signIn(undefined, { expiresAtMs: Date.now() + 1000 }))
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(999)
    expect(isLive(context)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(codeOf(() => assertLive(context))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
  })
})

describe('watchIdentity', () => {
  test.each([['with a registry'], ['without a registry']])(
    'calls each listener once, %s, and costs one timer',
    async (how) => {
      const sessions = how === 'with a registry' ? liveSessions({ maxProofMs: hour }) : undefined
      const context = createForUser(await signIn(sessions, { expiresAtMs: Date.now() + 1000 }))
      const heard: string[] = []
      watchIdentity(context, () => heard.push('one'))
      const stop = watchIdentity(context, () => heard.push('stopped'))
      watchIdentity(context, () => heard.push('two'))
      expect(vi.getTimerCount()).toBe(1)
      stop()
      stop()
      vi.advanceTimersByTime(1250)
      expect(heard).toEqual(['one', 'two'])
      watchIdentity(context, (_error, reason) => heard.push(reason))
      expect(heard).toEqual(['one', 'two', 'expired'])
    },
  )

  test('aborts the signal of a scope with the error, and adds no listener before the signal is asked for', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(await signIn(sessions))
    const [asked, silent] = [openScope(context), openScope(context)]
    const { signal } = asked
    const closed = openScope(context)
    void closed.signal
    await closed.close()
    await sessions.revoke({ session: context })
    expect([signal.aborted, (signal.reason as { code: string }).code]).toEqual([true, 'ERR_CONTEXT_IDENTITY_REVOKED'])
    expect((silent.signal.reason as { code: string }).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect((closed.signal.reason as { code: string }).code).toBe('ERR_CONTEXT_SCOPE_CLOSED')
    let cleaned = false
    asked.defer(() => (cleaned = true))
    await asked.close()
    expect(cleaned).toBe(true)
  })

  test.each([[undefined], ['end']])('refuses the listener %j', async (listener) => {
    const user = await signIn(undefined)
    expect(codeOf(() => watchIdentity(user, listener as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })
})

describe('sessions of a provider', () => {
  test.each([[{}], [{ revoke: () => 0, renew: () => true, close: () => {} }], ['s'], [null]])(
    'must be a registry, and not %j',
    (sessions) => {
      const options = { name: 'oidc', verify: () => facts, sessions }
      const error = catchError(() => identityProvider(options as never))
      expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['sessions: does not fit']])
      expect(catchError(() => vouchForUser('u1', { reason: 'unit test', sessions } as never)).code).toBe(
        'ERR_CONTEXT_INVALID_IDENTITY',
      )
    },
  )

  test('may be an heir or a proxy of none', () => {
    const sessions = liveSessions({ maxProofMs: hour })
    for (const copy of [Object.create(sessions), new Proxy(sessions, {})])
      expect(codeOf(() => identityProvider({ name: 'oidc', verify: () => facts, sessions: copy as never }))).toBe(
        'ERR_CONTEXT_INVALID_OPTIONS',
      )
  })

  test('end a user for whom code vouched', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(vouchForUser('1001', { reason: 'unit test', namespace, tenantId: 't-1', sessions }))
    expect(await sessions.revoke({ tenant: { namespace, tenantId: 't-1' } })).toBe(1)
    expect(isLive(context)).toBe(false)
  })
})

describe('liveSessions', () => {
  test('takes no option from a polluted Object.prototype', () => {
    try {
      Object.assign(Object.prototype, { store: {}, maxTombstones: 0 })
      expect(codeOf(() => liveSessions({ maxProofMs: hour }))).toBeUndefined()
    } finally {
      for (const name of ['store', 'maxTombstones']) delete (Object.prototype as Record<string, unknown>)[name]
    }
  })

  test.each([
    [{}, ['maxProofMs: not a number']],
    [undefined, ['maxProofMs: not a number']],
    [{ maxProofMs: 1 }, ['maxProofMs: too small']],
    [{ maxProofMs: Infinity }, ['maxProofMs: too large']],
    [{ maxProofMs: hour, staleAfterMs: 1, maxTombstones: 0 }, ['staleAfterMs: too small', 'maxTombstones: too small']],
    [{ maxProofMs: hour, max: 1 }, ['max: unknown key']],
    [{ maxProofMs: hour, store: {} }, ['store.write: not a function']],
    [{ maxProofMs: hour, store: { write: () => {}, tombstones: [{ key: 'x' }] } }, ['store.tombstones: does not fit']],
  ])('refuses %j', (options, faults) => {
    const error = catchError(() => liveSessions(options as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', faults])
  })
})
