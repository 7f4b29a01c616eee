import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileSessionRegistry } from '../../src/login/file-session-registry.ts'
import type { SessionRegistry } from '../../src/login/session-registry.ts'
import type { VerifiedUser } from 'user-execution-context'
import { ProofWatch, type ProofHolder } from '../../src/server/proof-watch.ts'
import { newUser } from '../users.ts'

let directory: string
let sessions: SessionRegistry
let watch: ProofWatch
let ended: string[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'proofs-'))
  sessions = await fileSessionRegistry(directory)
  watch = new ProofWatch(sessions, 10)
  ended = []
})
afterEach(async () => {
  watch.close()
  await rm(directory, { recursive: true })
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
    watch.add(newHolder('one', newUser('ada', { sessionId: 's-1' })))
    watch.add(newHolder('two', newUser('ada', { sessionId: 's-2' })))
    watch.add(newHolder('none', newUser('ada')))
    await sessions.revoke('s-1', minuteFromNow())
    expect(ended).toEqual(['one'])
  })

  test('ends what is added for a session that was signed out since its token was checked', async () => {
    await sessions.revoke('s-1', minuteFromNow())
    watch.add(newHolder('late', newUser('ada', { sessionId: 's-1' })))
    await pause(1)
    expect(ended).toEqual(['late'])
  })

  test('ends what a registry that fails cannot vouch for', async () => {
    const failing = new ProofWatch({
      ...sessions,
      isRevoked: async () => {
        throw new Error('down')
      },
    })
    failing.add(newHolder('unknown', newUser('ada', { sessionId: 's-1' })))
    await expect.poll(() => ended).toEqual(['unknown'])
    failing.close()
  })

  test('ends what has expired, and goes by the newest user', async () => {
    const renewed = {
      user: newUser('ada', { expiresAtMs: Date.now() + 30 }),
      end: () => {
        ended.push('renewed')
      },
    }
    watch.add(newHolder('expired', newUser('ada', { expiresAtMs: Date.now() + 30 })))
    watch.add(renewed)
    renewed.user = newUser('ada', { expiresAtMs: minuteFromNow() })
    await pause(100)
    expect(ended).toContain('expired')
    expect(ended).not.toContain('renewed')
  })

  test('ends nothing that was taken away', async () => {
    for (const user of [newUser('ada', { sessionId: 's-1' }), newUser('ada', { expiresAtMs: Date.now() + 20 })]) {
      const gone = newHolder('gone', user)
      watch.add(gone)
      watch.delete(gone)
    }
    await Promise.all([sessions.revoke('s-1', minuteFromNow()), pause(60)])
    expect(ended).toEqual([])
  })

  test.each([
    ['signed out', { sessionId: 's-1' }, async () => sessions.revoke('s-1', minuteFromNow())],
    ['expired', { expiresAtMs: Date.now() + 300 }, async () => pause(350)],
  ])('ends nothing that is %s after it was closed', async (_what, facts, happen) => {
    watch.add(newHolder('left', newUser('ada', facts)))
    watch.close()
    await happen()
    expect(ended).toEqual([])
  })

  test('ends what was renewed into a session that is signed out', async () => {
    const holder = { ...newHolder('renewed', newUser('ada', { sessionId: 's-1' })) }
    watch.add(holder)
    await sessions.revoke('s-2', minuteFromNow())
    Object.assign(holder, { user: newUser('ada', { sessionId: 's-2' }) })
    watch.recheck(holder)
    await expect.poll(() => ended).toEqual(['renewed'])
  })

  test('asks no registry about a user without a session', async () => {
    const asked: unknown[] = []
    const curious = new ProofWatch({ ...sessions, isRevoked: async (sessionId) => asked.push(sessionId) > 0 })
    curious.add(newHolder('none', newUser('ada')))
    await pause(5)
    expect([asked, ended]).toEqual([[], []])
    curious.close()
  })

  test('reminds while the proof holds, and ends at its end without one more reminder', async () => {
    const calls: string[] = []
    watch.add({
      user: newUser('ada', { expiresAtMs: Date.now() + 60 }),
      end: () => void calls.push('end'),
      remind: () => void calls.push('remind'),
    })
    await expect.poll(() => calls).toContain('end')
    await pause(30)
    expect(calls[0]).toBe('remind')
    expect(calls.slice(calls.indexOf('end'))).not.toContain('remind')
  })
})
