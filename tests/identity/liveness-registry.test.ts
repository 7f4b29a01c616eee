import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isLive, watchIdentity } from '../../src/context/live-context.ts'
import { liveSessions, type LiveSessions } from '../../src/context/live-sessions.ts'
import type { RevocationListener } from '../../src/identity/live-options.ts'
import { openScope } from '../../src/scope/open-scope.ts'
import { createForUser } from '../../src/context/user-execution-context.ts'
import { takeCellChanges, type Cell } from '../../src/identity/live-cell.ts'
import type { Tombstone } from '../../src/identity/tombstones.ts'
import { proofOf, vouchForUser, type VerifiedUser } from '../../src/identity/verified-user.ts'
import { catchError, catchRejection } from '../errors/catch-error.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const hour = 3_600_000
const namespace = 'https://id.example.com'
const vouch = (
  sessions: LiveSessions | undefined,
  userId: string,
  more: { sessionId?: string; expiresAtMs?: number } = {},
): VerifiedUser => vouchForUser(userId, { reason: 'unit test', namespace, sessions, ...more })
const byUser = (userId: string) => ({ user: { namespace, userId } })
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

  test('refuses a proof that has expired, with and without a registry', () => {
    for (const sessions of [undefined, liveSessions({ maxProofMs: hour })])
      expect(catchError(() => vouch(sessions, 'u1', { expiresAtMs: Date.now() })).code).toBe(
        'ERR_CONTEXT_IDENTITY_EXPIRED',
      )
  })

  test('makes room for a new revocation out of what a store gave in any order', async () => {
    const now = Date.now()
    const tombstones = [tombstone('u1', now + hour), tombstone('u2', now + 1000), tombstone('u0', now - 1)]
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

  test('gives the changes of a cell away once', () => {
    expect(catchError(() => takeCellChanges()).code).toBe('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    const proof = proofOf(vouch(undefined, 'u1'))
    expect([Object.isFrozen(proof), Reflect.ownKeys(proof.cell)]).toEqual([true, []])
  })

  test('tells at once who begins to watch a proof that has ended by the clock, without a registry', () => {
    const user = vouch(undefined, 'u1', { expiresAtMs: Date.now() + 10 })
    vi.advanceTimersByTime(10)
    const heard: string[] = []
    watchIdentity(user, (_error, reason) => heard.push(reason))
    expect(heard).toEqual(['expired'])
  })
})

describe('what a registry holds', () => {
  afterEach(() => void vi.useRealTimers())

  /** Collects, also what is collected one turn after another, until it is as expected or will not be any more. */
  const collect = async (isCollected: () => boolean = () => false): Promise<void> => {
    for (let turn = 0; turn < 5 || (turn < 50 && !isCollected()); turn++) {
      await nextTurn()
      gc()
    }
  }
  const cells = (count: number, make: (index: number) => VerifiedUser): readonly WeakRef<Cell>[] =>
    Array.from({ length: count }, (_, index) => new WeakRef(proofOf(make(index)).cell))
  const held = (of: readonly WeakRef<Cell>[]): number => of.filter((ref) => ref.deref() !== undefined).length

  test('is no proof that nobody uses, and nothing about it', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const fill = (): readonly WeakRef<Cell>[] =>
      cells(20_000, (index) => vouch(sessions, `user-${index}`, { sessionId: `session-${index}` }))
    await collect()
    const before = process.memoryUsage().heapUsed
    expect(held(fill())).toBeGreaterThan(0)
    const refs = fill()
    const grown = (): number => process.memoryUsage().heapUsed - before
    await collect(() => held(refs) < 100 && grown() < 12_000_000)
    expect(held(refs)).toBeLessThan(100)
    expect(grown()).toBeLessThan(12_000_000)
    expect(await sessions.revoke(byUser('user-1'))).toBe(0)
  })

  test('is no listener that has been told', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions, 'u1')
    const listen = (): WeakRef<object> => {
      const listener = (): void => {}
      watchIdentity(user, listener)
      return new WeakRef(listener)
    }
    const listener = listen()
    await collect()
    expect(listener.deref()).toBeDefined()
    await sessions.revoke(byUser('u1'))
    await collect(() => listener.deref() === undefined)
    expect([listener.deref(), isLive(user)]).toEqual([undefined, false])
  })

  test('is a proof that is watched, until it ends or nobody watches it any more', async () => {
    // A machine that is busy must not end a proof before it was counted.
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const sessions = liveSessions({ maxProofMs: hour })
    const stops: (() => void)[] = []
    const heard: string[] = []
    const watched = (userId: string, expiresAtMs = Date.now() + hour, of: LiveSessions | undefined = sessions) =>
      cells(100, () => {
        const user = vouch(of, userId, { expiresAtMs })
        const stop = watchIdentity(user, (_error, reason) => heard.push(reason))
        // What is held here would hold the proof.
        if (userId === 'stopped') stops.push(stop)
        return user
      })
    const alone = cells(100, () => {
      const user = vouch(undefined, 'alone', { expiresAtMs: Date.now() + hour })
      watchIdentity(user, () => {})()
      return user
    })
    const scoped = cells(100, () => {
      const user = vouch(sessions, 'scoped')
      const scope = openScope(createForUser(user))
      void scope.signal
      void scope.close()
      return user
    })
    const all = [watched('revoked'), watched('stopped'), watched('expired', Date.now() + 600)]
    await collect()
    expect(all.map(held)).toEqual([100, 100, 100])
    await sessions.revoke(byUser('revoked'))
    vi.advanceTimersByTime(1100)
    expect(heard.map((reason) => reason[0]).join('')).toBe('u'.repeat(100) + 'e'.repeat(100))
    for (const stop of stops.splice(0)) stop()
    const isFree = (): readonly boolean[] => [...all, alone, scoped].map((refs) => held(refs) < 5)
    await collect(() => !isFree().includes(false))
    expect(isFree()).toEqual(Array(5).fill(true))
  })
})
