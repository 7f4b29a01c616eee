// What is collected: in a process of its own, whose heap is small.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isLive, watchIdentity } from '../../src/context/live-context.ts'
import { liveSessions, type LiveSessions } from '../../src/context/live-sessions.ts'
import { openScope } from '../../src/scope/open-scope.ts'
import { createForUser } from '../../src/context/user-execution-context.ts'
import type { Proof } from '../../src/identity/liveness-registry.ts'
import { proofOf, type VerifiedUser } from '../../src/identity/verified-user.ts'
import { byUser, hour, vouch } from './filed-users.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

describe('what a registry holds', () => {
  afterEach(() => void vi.useRealTimers())

  /** Collects, also what is collected one turn after another, until it is as expected or will not be any more. */
  const collect = async (isCollected: () => boolean = () => false): Promise<void> => {
    for (let turn = 0; turn < 5 || (turn < 50 && !isCollected()); turn++) {
      await nextTurn()
      gc()
    }
  }
  const proofs = (count: number, make: (index: number) => VerifiedUser): readonly WeakRef<Proof>[] =>
    Array.from({ length: count }, (_, index) => new WeakRef(proofOf(make(index))))
  const held = (of: readonly WeakRef<Proof>[]): number => of.filter((ref) => ref.deref() !== undefined).length

  test('is no proof that nobody uses, and nothing about it', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const fill = (): readonly WeakRef<Proof>[] =>
      proofs(20_000, (index) => vouch(sessions, `user-${index}`, { sessionId: `session-${index}` }))
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
      proofs(100, () => {
        const user = vouch(of, userId, { expiresAtMs })
        const stop = watchIdentity(user, (_error, reason) => heard.push(reason))
        // What is held here would hold the proof.
        if (userId === 'stopped') stops.push(stop)
        return user
      })
    const alone = proofs(100, () => {
      const user = vouch(undefined, 'alone', { expiresAtMs: Date.now() + hour })
      watchIdentity(user, () => {})()
      return user
    })
    const scoped = proofs(100, () => {
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
