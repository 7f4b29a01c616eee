import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identityProvider, liveSessions, type LiveSessions, type VerifiedUser } from 'user-execution-context'
import { ProofWatch, type ProofHolder } from '../../src/server/proof-watch.ts'

type Facts = { readonly sessionId?: string; readonly expiresAtMs?: number }
let sessions: LiveSessions
let signIn: (facts: Facts) => Promise<VerifiedUser>
let watch: ProofWatch
let ended: string[]
beforeEach(() => {
  sessions = liveSessions({ maxProofMs: 60_000 })
  const verify = (facts: Facts) => ({ userId: 'ada', issuedAtMs: Date.now(), ...facts })
  signIn = identityProvider({ name: 'proofs', sessions, verify })
  watch = new ProofWatch(10)
  ended = []
})
afterEach(() => {
  watch.close()
  sessions.close()
})

const newHolder = (name: string, user: VerifiedUser): ProofHolder => ({
  user,
  end: () => {
    ended.push(name)
  },
})
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const minuteFromNow = (): number => Date.now() + 60_000

describe('ProofWatch', () => {
  test('ends what belongs to a session that is signed out, and nothing else', async () => {
    const one = await signIn({ sessionId: 's-1' })
    watch.add(newHolder('one', one))
    watch.add(newHolder('two', await signIn({ sessionId: 's-2' })))
    watch.add(newHolder('none', await signIn({})))
    await sessions.revoke({ session: one })
    expect(ended).toEqual(['one'])
  })

  test('ends at once what is added for a session that was signed out since its token was checked', async () => {
    const user = await signIn({ sessionId: 's-1' })
    await sessions.revoke({ session: user })
    watch.add(newHolder('late', user))
    expect(ended).toEqual(['late'])
  })

  test('ends what has expired, and goes by the newest user', async () => {
    const renewed = {
      user: await signIn({ expiresAtMs: Date.now() + 50 }),
      end: () => void ended.push('renewed'),
    }
    watch.add(newHolder('expired', await signIn({ expiresAtMs: Date.now() + 50 })))
    watch.add(renewed)
    renewed.user = await signIn({ expiresAtMs: minuteFromNow() })
    watch.recheck(renewed)
    await expect.poll(() => ended).toContain('expired')
    await pause(400)
    expect(ended).not.toContain('renewed')
  })

  test('ends nothing that was taken away, and watches over nothing that is gone', async () => {
    const user = await signIn({ sessionId: 's-1' })
    for (const one of [user, await signIn({ expiresAtMs: Date.now() + 50 })]) {
      const gone = newHolder('gone', one)
      watch.add(gone)
      watch.delete(gone)
      watch.recheck(gone)
    }
    await Promise.all([sessions.revoke({ session: user }), pause(400)])
    expect(ended).toEqual([])
  })

  test.each([
    ['signed out', async (user: VerifiedUser) => sessions.revoke({ session: user })],
    ['expired', async () => pause(700)],
  ])('ends nothing that is %s after it was closed', async (_what, happen) => {
    const user = await signIn({ sessionId: 's-1', expiresAtMs: Date.now() + 300 })
    watch.add(newHolder('left', user))
    watch.close()
    await happen(user)
    expect(ended).toEqual([])
  })

  test('ends what was renewed into a session that is signed out', async () => {
    const holder = { ...newHolder('renewed', await signIn({ sessionId: 's-1' })) }
    watch.add(holder)
    const next = await signIn({ sessionId: 's-2' })
    await sessions.revoke({ session: next })
    Object.assign(holder, { user: next })
    watch.recheck(holder)
    expect(ended).toEqual(['renewed'])
  })

  test('reminds while the proof holds, and ends at its end without one more reminder', async () => {
    const calls: string[] = []
    watch.add({
      user: await signIn({ expiresAtMs: Date.now() + 60 }),
      end: () => void calls.push('end'),
      remind: () => void calls.push('remind'),
    })
    await expect.poll(() => calls).toContain('end')
    await pause(30)
    expect(calls[0]).toBe('remind')
    expect(calls.slice(calls.indexOf('end'))).not.toContain('remind')
  })
})
