import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { liveSessions, type LiveSessions, type VerifiedUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { Outlet, UncorkScheduler } from '../../../src/phases/connection/outlet.ts'
import { parseLimits } from '../../../src/phases/limits.ts'
import { RecordingTransport } from '../recording-transport.ts'

const open = () => {
  const transport = new RecordingTransport()
  const outlet = new Outlet(transport, {
    limits: parseLimits(),
    uncorkScheduler: new UncorkScheduler(),
    eventsDelivered: 0,
    onSlow: () => {},
    onClose: () => {},
  })
  return { outlet, transport, ended: vi.spyOn(outlet, 'identityEnded') }
}
let sessions: LiveSessions
let users: readonly [VerifiedUser, VerifiedUser]
beforeEach(() => {
  sessions = liveSessions({ maxProofMs: 60_000 })
  const vouch = (sessionId: string) => vouchForUser('ada', { reason: 'unit test', sessions, sessionId })
  users = [vouch('s-1'), vouch('s-2')]
})
afterEach(() => sessions.close())

describe('what an outlet watches', () => {
  it('is let go of when it watches something else', async () => {
    const { outlet, transport, ended } = open()
    const [first, second] = users
    outlet.watch(first)
    outlet.watch(second)
    await sessions.revoke({ session: first })
    expect(ended).not.toHaveBeenCalled()
    await sessions.revoke({ session: second })
    expect(transport.closes.map(({ code }) => code)).toEqual([4401])
  })

  it.each([
    ['it is closed', (outlet: Outlet) => outlet.close(1000, 'done')],
    ['its transport has closed', (outlet: Outlet) => outlet.release()],
  ])('is let go of when %s, and so is what comes after that', async (_what, close) => {
    const { outlet, ended } = open()
    const [before, after] = users
    outlet.watch(before)
    close(outlet)
    await sessions.revoke({ session: before })
    outlet.watch(after)
    await sessions.revoke({ session: after })
    expect(ended).not.toHaveBeenCalled()
  })
})
