import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createForUser,
  identityProvider,
  liveSessions,
  type LiveSessions,
  type VerifiedUser,
} from 'user-execution-context'
import { watchConnection } from '../../../src/phases/connection/watch-connection.ts'
import { openGoldenPath, type Connection, type GoldenPath } from '../../../src/index.ts'
import { RecordingTransport } from '../recording-transport.ts'

type Facts = { readonly sessionId?: string; readonly expiresAtMs?: number }
let sessions: LiveSessions
let signIn: (facts: Facts) => Promise<VerifiedUser>
let goldenPath: GoldenPath
beforeEach(() => {
  sessions = liveSessions({ maxProofMs: 60_000 })
  const verify = (facts: Facts) => ({ userId: 'ada', issuedAtMs: Date.now(), ...facts })
  signIn = identityProvider({ name: 'proofs', sessions, verify })
  goldenPath = openGoldenPath({ agent: async function* () {} })
})
afterEach(async () => {
  await goldenPath.close()
  sessions.close()
})

const connect = (user: VerifiedUser): { readonly connection: Connection; readonly codes: () => number[] } => {
  const transport = new RecordingTransport()
  const connection = goldenPath.connect(createForUser(user), transport)
  return { connection, codes: () => transport.closes.map(({ code }) => code) }
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const soon = (): number => Date.now() + 1_000

describe('watchConnection', () => {
  test('closes the connections of a session that is signed out, and nothing else', async () => {
    const one = await signIn({ sessionId: 's-1' })
    const opened = [connect(one), connect(await signIn({ sessionId: 's-2' })), connect(await signIn({}))]
    await sessions.revoke({ session: one })
    expect(opened.map(({ codes }) => codes())).toEqual([[4401], [], []])
  })

  test('closes what has expired, and goes by the newest proof', async () => {
    const expired = connect(await signIn({ expiresAtMs: soon() }))
    const renewed = connect(await signIn({ expiresAtMs: soon() }))
    watchConnection(renewed.connection, await signIn({ expiresAtMs: Date.now() + 60_000 }))
    await expect.poll(expired.codes, { timeout: 30_000 }).toEqual([4401])
    await pause(300)
    expect(renewed.codes()).toEqual([])
  })

  test.each([
    ['signed out', async (user: VerifiedUser) => sessions.revoke({ session: user })],
    ['expired', async () => pause(1_500)],
  ])('closes nothing that has closed before its session is %s', async (_what, happen) => {
    const user = await signIn({ sessionId: 's-1', expiresAtMs: soon() })
    const gone = connect(user)
    gone.connection.release()
    await happen(user)
    expect(gone.codes()).toEqual([])
  })

  test('closes what is renewed into a session that is signed out, before and after', async () => {
    for (const isBefore of [true, false]) {
      const { connection, codes } = connect(await signIn({ sessionId: `s-${isBefore}` }))
      const next = await signIn({ sessionId: `next-${isBefore}` })
      if (isBefore) await sessions.revoke({ session: next })
      watchConnection(connection, next)
      await sessions.revoke({ session: next })
      expect(codes()).toEqual([4401])
    }
  })

  test('lets the session go that a connection was renewed out of', async () => {
    const first = await signIn({ sessionId: 's-1' })
    const { connection, codes } = connect(first)
    watchConnection(connection, await signIn({ sessionId: 's-2' }))
    await sessions.revoke({ session: first })
    expect(codes()).toEqual([])
  })
})
