import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addIdentityWatcher, removeIdentityWatcher } from '../../src/context/identity-watchers.ts'
import { watchIdentity } from '../../src/context/live-context.ts'
import { liveSessions, type LiveSessions } from '../../src/context/live-sessions.ts'
import { createForUser } from '../../src/context/user-execution-context.ts'
import type { IdentityEndError, IdentityEndReason, IdentityWatcher } from '../../src/identity/proof.ts'
import { vouchForUser, type VerifiedUser } from '../../src/identity/verified-user.ts'
import { catchError } from '../errors/catch-error.ts'

const hour = 3_600_000
const vouch = (sessions?: LiveSessions, expiresAtMs = Date.now() + hour): VerifiedUser =>
  vouchForUser('u1', { reason: 'unit test', sessions, expiresAtMs })

class Watcher implements IdentityWatcher {
  readonly heard: string[] = []

  identityEnded({ code }: IdentityEndError, reason: IdentityEndReason): void {
    this.heard.push(`${code} ${reason}`)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('addIdentityWatcher', () => {
  test('tells a watcher once, by its method, with the error and the reason, of a context and of a user', async () => {
    for (const toWatched of [createForUser, (user: VerifiedUser) => user]) {
      const sessions = liveSessions({ maxProofMs: hour })
      const user = vouch(sessions)
      const watcher = new Watcher()
      addIdentityWatcher(toWatched(user), watcher)
      await sessions.revoke({ session: user })
      await sessions.revoke({ session: user })
      expect(watcher.heard).toEqual(['ERR_CONTEXT_IDENTITY_REVOKED user_revoked'])
    }
  })

  test('tells of an end by time, without a registry too, and at once of one that has been', () => {
    for (const sessions of [undefined, liveSessions({ maxProofMs: hour })]) {
      const user = vouch(sessions, Date.now() + 500)
      const [early, late] = [new Watcher(), new Watcher()]
      addIdentityWatcher(user, early)
      vi.advanceTimersByTime(750)
      addIdentityWatcher(user, late)
      for (const { heard } of [early, late]) expect(heard).toEqual(['ERR_CONTEXT_IDENTITY_EXPIRED expired'])
    }
  })

  test('tells none that another one takes back during the end', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions)
    const [taken, kept] = [new Watcher(), new Watcher()]
    addIdentityWatcher(user, { identityEnded: () => removeIdentityWatcher(user, taken) })
    for (const watcher of [taken, kept]) addIdentityWatcher(user, watcher)
    await sessions.revoke({ session: user })
    expect([taken.heard.length, kept.heard.length]).toEqual([0, 1])
  })

  test('tells several, and one that was added again once, also one that is a collection itself', async () => {
    class Bag extends Set<string> implements IdentityWatcher {
      identityEnded(): void {
        this.add('heard')
      }
    }
    const sessions = liveSessions({ maxProofMs: hour })
    const [alone, together] = [vouch(sessions), vouch(sessions)]
    const bags = [new Bag(['one']), new Bag(['two'])]
    const watcher = new Watcher()
    const listener = vi.fn()
    for (const user of [alone, together]) addIdentityWatcher(user, bags[user === alone ? 0 : 1]!)
    for (const _again of [1, 2]) addIdentityWatcher(together, watcher)
    watchIdentity(together, listener)
    await sessions.revoke({ session: alone })
    expect(bags.map((bag) => bag.has('heard'))).toEqual([true, true])
    expect(watcher.heard).toHaveLength(1)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('refuses what has no such method', () => {
    for (const watcher of [undefined, null, {}, { identityEnded: 'now' }, () => {}])
      expect(catchError(() => addIdentityWatcher(vouch(), watcher as never)).code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })
})

describe('removeIdentityWatcher', () => {
  test('takes back one watcher, and no other', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const user = vouch(sessions)
    const [gone, stays, never] = [new Watcher(), new Watcher(), new Watcher()]
    for (const watcher of [gone, stays]) addIdentityWatcher(user, watcher)
    for (const watcher of [gone, never]) removeIdentityWatcher(user, watcher)
    await sessions.revoke({ session: user })
    expect([gone, stays, never].map(({ heard }) => heard.length)).toEqual([0, 1, 0])
  })

  test('leaves no timer for the end of a proof that nobody waits for', () => {
    const user = vouch()
    const watcher = new Watcher()
    addIdentityWatcher(user, watcher)
    removeIdentityWatcher(user, watcher)
    vi.advanceTimersByTime(2 * hour)
    expect(watcher.heard).toEqual([])
  })
})
