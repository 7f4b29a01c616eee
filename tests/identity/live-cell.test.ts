import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { assertLive, isLive, watchIdentity } from '../../src/context/live-context.ts'
import { createForUser } from '../../src/context/user-execution-context.ts'
import { liveSessions } from '../../src/context/live-sessions.ts'
import { LivenessRegistry } from '../../src/identity/liveness-registry.ts'
import { vouchForUser, type VerifiedUser } from '../../src/identity/verified-user.ts'

const hour = 3_600_000
const vouch = (sessions?: LivenessRegistry, expiresAtMs = Date.now() + hour): VerifiedUser =>
  vouchForUser('u1', { reason: 'unit test', sessions, expiresAtMs })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('assertLive', () => {
  test.each([
    ['once without a registry', undefined, 1],
    ['never with one', liveSessions({ maxProofMs: hour }), 0],
  ])('reads the clock %s', (_how, sessions, readings) => {
    const user = vouch(sessions)
    const context = createForUser(user)
    const clock = vi.spyOn(Date, 'now')
    const monotonic = vi.spyOn(performance, 'now')
    for (const value of [user, context]) {
      assertLive(value)
      expect([clock.mock.calls.length, monotonic.mock.calls.length]).toEqual([readings, 0])
      clock.mockClear()
    }
    clock.mockRestore()
    monotonic.mockRestore()
  })
})

describe('the end of an identity', () => {
  test('is told to each listener, also to those behind one that throws, whose failure is not lost', async () => {
    const failure = new Error('listener')
    const reported: unknown[] = []
    const queued = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => {
      try {
        callback()
      } catch (error) {
        reported.push(error)
      }
    })
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions)
    const heard: string[] = []
    watchIdentity(user, () => {
      throw failure
    })
    watchIdentity(user, (_error, reason) => heard.push(reason))
    expect(await sessions.revoke({ session: user })).toBe(1)
    queued.mockRestore()
    expect(heard).toEqual(['user_revoked'])
    expect(reported).toEqual([failure])
  })

  test('is told twice to a listener that was given twice, and once when it was taken back once', async () => {
    for (const [takenBack, times] of [
      [0, 2],
      [1, 1],
    ] as const) {
      const sessions = liveSessions({ maxProofMs: hour })
      const user = vouch(sessions)
      const listener = vi.fn()
      const stops = [watchIdentity(user, listener), watchIdentity(user, listener)]
      for (const stop of stops.slice(0, takenBack)) stop()
      await sessions.revoke({ session: user })
      expect(listener).toHaveBeenCalledTimes(times)
    }
  })

  test('keeps its first reason', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions, Date.now() + 500)
    vi.advanceTimersByTime(750)
    expect(await sessions.revoke({ session: user })).toBe(0)
    const heard: string[] = []
    watchIdentity(user, (_error, reason) => heard.push(reason))
    expect(heard).toEqual(['expired'])
  })

  test('is not told to a listener that is added by another one, but at once', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions)
    const heard: string[] = []
    watchIdentity(user, () => watchIdentity(user, (_error, reason) => heard.push(reason)))
    await sessions.revoke({ session: user })
    expect(heard).toEqual(['user_revoked'])
  })

  test('comes no sooner by a renewal, and later with it', () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const [shortened, lengthened] = [vouch(sessions, Date.now() + 5000), vouch(sessions, Date.now() + 5000)]
    expect(sessions.renew(shortened, vouch(sessions, Date.now() + 1000))).toBe(true)
    expect(sessions.renew(lengthened, vouch(sessions, Date.now() + 9000))).toBe(true)
    vi.advanceTimersByTime(4999)
    expect([shortened, lengthened].map(isLive)).toEqual([true, true])
    vi.advanceTimersByTime(2001)
    expect([shortened, lengthened].map(isLive)).toEqual([false, true])
    vi.advanceTimersByTime(2250)
    expect([shortened, lengthened].map(isLive)).toEqual([false, false])
  })
})
