import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isLive, watchIdentity } from '../../src/context/live-context.ts'
import { liveSessions } from '../../src/context/live-sessions.ts'
import { createForUser } from '../../src/context/user-execution-context.ts'
import type { RevocationListener } from '../../src/identity/live-options.ts'
import { takeProofChanges } from '../../src/identity/proof.ts'
import type { Tombstone } from '../../src/identity/tombstones.ts'
import { proofOf, type VerifiedUser } from '../../src/identity/verified-user.ts'
import { byUser, hour, vouch } from './filed-users.ts'
import { catchError, catchRejection } from '../errors/catch-error.ts'

const tombstone = (userId: string, untilMs: number): Tombstone => ({
  key: `user:https%3A//id.example.com:${userId}`,
  notBeforeMs: Date.now() + 1,
  untilMs,
  reason: 'user_revoked',
})

describe('a registry of live identities', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('lets nobody in while its feed is overdue, before its timer has noticed, nor after it was closed', () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: 10_000 })
    feed.heard()
    vi.advanceTimersByTime(10_001)
    expect(catchError(() => vouch(sessions, 'u1')).code).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
    const alone = liveSessions({ maxProofMs: hour })
    alone.close()
    expect(catchError(() => vouch(alone, 'u1')).code).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
  })

  test('goes by a clock that nobody sets back when it asks how old the last word of the feed is', () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: 10_000 })
    feed.heard()
    vi.setSystemTime(Date.now() - hour)
    vi.advanceTimersByTime(10_001)
    expect(catchError(() => vouch(sessions, 'u1')).code).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
  })

  test('is not brought back by a feed that is heard after it was closed', () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: 10_000 })
    feed.heard()
    const user = vouch(sessions, 'u1')
    sessions.close()
    feed.heard()
    feed.revoked(tombstone('u1', Date.now() + hour))
    expect([sessions.isLivenessKnown, isLive(user), vi.getTimerCount()]).toEqual([false, false, 0])
    expect(catchError(() => vouch(sessions, 'u1')).code).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
  })

  test('ends nobody by a record that has ended itself', () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store, staleAfterMs: 10_000 })
    feed.heard()
    const user = vouch(sessions, 'u1')
    feed.revoked({ ...tombstone('u1', Date.now() - 1), notBeforeMs: Date.now() - hour })
    expect(isLive(user)).toBe(true)
    feed.revoked({ ...tombstone('u1', Date.now() - 1), notBeforeMs: Date.now() - hour + 1 })
    expect(isLive(user)).toBe(false)
  })

  test('leaves no timer behind when it closes', () => {
    const store = { write: async () => {}, follow: (listener: RevocationListener) => (listener.heard(), () => {}) }
    const sessions = liveSessions({ maxProofMs: hour, store })
    vouch(sessions, 'u1')
    expect(vi.getTimerCount()).toBe(2)
    sessions.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('brings nobody back by a listener of the end, and ends who comes in meanwhile once', async () => {
    const sessions = liveSessions({ maxProofMs: hour, maxTombstones: 1 })
    const codes: unknown[] = []
    const again = (): void => void vouch(sessions, 'u1')
    watchIdentity(vouch(sessions, 'u1'), () => codes.push(catchError(again).code))
    expect(await sessions.revoke(byUser('u1'))).toBe(1)
    expect(codes).toEqual(['ERR_CONTEXT_IDENTITY_REVOKED'])
    const late: VerifiedUser[] = []
    const [one, other] = [vouch(sessions, 'u2'), vouch(sessions, 'u2')]
    watchIdentity(one, () => late.push(vouch(sessions, 'u2')))
    expect((await catchRejection(sessions.revoke(byUser('u2')))).code).toBe('ERR_CONTEXT_TOO_MANY_REVOCATIONS')
    expect([isLive(one), isLive(other), late.length, isLive(late[0])]).toEqual([false, false, 1, true])
  })

  test('ends a proof once, for its first reason, where a listener of a revocation revokes it too', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const [one, other] = ['s1', 's2'].map((sessionId) => vouch(sessions, 'u1', { sessionId })) as [
      VerifiedUser,
      VerifiedUser,
    ]
    let inner: Promise<number> | undefined
    watchIdentity(one, () => (inner = sessions.revoke({ session: other })))
    expect([await sessions.revoke(byUser('u1')), await inner]).toEqual([1, 1])
    const heard: string[] = []
    watchIdentity(other, (_error, reason) => heard.push(reason))
    expect(heard).toEqual(['session_revoked'])
  })

  test('tells who still watches, where another takes itself back twice', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions, 'u1')
    const stop = watchIdentity(user, () => {})
    stop()
    const heard: string[] = []
    watchIdentity(user, (_error, reason) => heard.push(reason))
    stop()
    await sessions.revoke(byUser('u1'))
    expect(heard).toEqual(['user_revoked'])
  })

  test('lets nothing begin at the moment of the end, nor shows it as live, with and without a registry', () => {
    for (const sessions of [undefined, liveSessions({ maxProofMs: hour })]) {
      const user = vouch(sessions, 'u1', { expiresAtMs: Date.now() + 10 })
      expect(isLive(user)).toBe(true)
      vi.setSystemTime(Date.now() + 10)
      expect(catchError(() => createForUser(user)).code).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
      // With a registry, its timer says so, a little later.
      vi.advanceTimersByTime(60_000)
      expect(isLive(user)).toBe(false)
    }
  })

  test('refuses a proof that has expired, with and without a registry', () => {
    for (const sessions of [undefined, liveSessions({ maxProofMs: hour })])
      expect(catchError(() => vouch(sessions, 'u1', { expiresAtMs: Date.now() })).code).toBe(
        'ERR_CONTEXT_IDENTITY_EXPIRED',
      )
  })

  test('makes room for a new revocation out of what a store gave in any order', async () => {
    const now = Date.now()
    const tombstones = [hour, 1000, -1].map((leftMs, index) => ({
      ...tombstone(`u${index}`, now + leftMs),
      notBeforeMs: now + leftMs - hour,
    }))
    const sessions = liveSessions({ maxProofMs: hour, maxTombstones: 2, store: { tombstones, write: async () => {} } })
    vi.advanceTimersByTime(1000)
    expect(await sessions.revoke(byUser('u3'))).toBe(0)
  })

  test('gives a store a frozen record, and is frozen itself with all that it inherits', async () => {
    const write = vi.fn(async () => {})
    const sessions = liveSessions({ maxProofMs: hour, store: { write } })
    await sessions.revoke(byUser('u1'))
    expect(Object.isFrozen((write.mock.calls as unknown as [[Tombstone]])[0][0])).toBe(true)
    for (
      let part: object | null = sessions;
      part !== null && part !== Object.prototype;
      part = Object.getPrototypeOf(part) as object | null
    )
      expect(Object.isFrozen(part)).toBe(true)
    for (const proto of [Object.getPrototypeOf(sessions) as { constructor: unknown }])
      expect(proto.constructor).toBe(Object)
  })

  test('gives the changes of a proof away once', () => {
    expect(catchError(() => takeProofChanges()).code).toBe('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    const proof = proofOf(vouch(undefined, 'u1'))
    expect([Object.isFrozen(proof), (proof as object).constructor]).toEqual([true, Object])
    expect(Object.isFrozen(Object.getPrototypeOf(proof))).toBe(true)
  })

  test('tells at once who begins to watch a proof that has ended by the clock, without a registry', () => {
    const user = vouch(undefined, 'u1', { expiresAtMs: Date.now() + 10 })
    vi.advanceTimersByTime(10)
    const heard: string[] = []
    watchIdentity(user, (_error, reason) => heard.push(reason))
    expect(heard).toEqual(['expired'])
  })
})
