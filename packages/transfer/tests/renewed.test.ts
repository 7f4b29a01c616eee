// A proof that was renewed, or that is older than proofs live where a text is opened: what was sealed with it opens, or
// the one who opens is asked what the user may do today. AISVS 9.5.6.
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import type { LiveSessions, UserExecutionContext, VerifiedFacts, VerifiedUser } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openSealed, sealContext, type OpenOptions, type SealedFacts } from '../src/index.ts'
import { codeOf, hop, opening, sealing } from './deployment.ts'

const minuteMs = 60_000
const issuer = 'https://id.example.com'
const longSealing = { ...sealing, ttlMs: 30 * 24 * 60 * minuteMs }
let sessions: LiveSessions
let live: OpenOptions

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  sessions = liveSessions({ maxProofMs: 60 * minuteMs })
  live = { ...hop, opener: opening.opener, sessions }
})
afterEach(() => {
  sessions.close()
  vi.useRealTimers()
})

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms)
const signIn = (of: LiveSessions | undefined, facts: Partial<VerifiedFacts> = {}): Promise<VerifiedUser> => {
  const given = { userId: 'alice', tenantId: 'acme', sessionId: 's-1', permissions: ['notes:read'], ...facts }
  return identityProvider({ name: 'oidc', namespace: issuer, sessions: of, verify: () => given })(undefined)
}

describe('sealContext, with a proof that is older than proofs live and was renewed', () => {
  // Tokens that say when they were issued, and sessions that do not.
  const renewed = async (isDated: boolean) => {
    const verify = () => signIn(sessions, isDated ? { issuedAtMs: Date.now() } : {})
    const previous = await verify()
    const context = createForUser(previous)
    for (const _ of [1, 2, 3]) {
      pass(50 * minuteMs)
      expect(sessions.renew(previous, await verify())).toBe(true)
    }
    return { context, endsAtMs: Date.now() + 60 * minuteMs }
  }

  test.each([true, false])('makes a text that opens until the renewed proof ends (dated: %s)', async (isDated) => {
    const { context, endsAtMs } = await renewed(isDated)
    const text = await sealContext(context, longSealing)
    const opened = await openSealed(text, live)
    expect([opened.userId, opened.sessionId, opened.expiresAtMs]).toEqual(['alice', 's-1', endsAtMs])
    vi.setSystemTime(endsAtMs)
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
  })

  test.each([true, false])('makes a text that a revocation since then shuts (dated: %s)', async (isDated) => {
    const { context } = await renewed(isDated)
    // Of a process that has not heard of it.
    const text = await sealContext(context, longSealing)
    await sessions.revoke({ user: { namespace: issuer, tenantId: 'acme', userId: 'alice' } })
    pass(10)
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })
})

describe('openSealed, of a proof that is older than proofs live where it is opened', () => {
  const sealedElsewhere = async (facts: Partial<VerifiedFacts> = {}): Promise<string> => {
    const context: UserExecutionContext = createForUser(await signIn(undefined, facts))
    const text = await sealContext(context, longSealing)
    pass(61 * minuteMs)
    return text
  }
  const facts = [
    ['that has no end', {}],
    ['that ends later', { expiresAtMs: 1e13 }],
  ] as const

  test.each(facts)('asks reauthorize about one %s, and says that it has ended now', async (_what, more) => {
    const text = await sealedElsewhere({ ...more, permissions: ['notes:read', 'notes:write'] })
    const asked: SealedFacts[] = []
    const reauthorize = (sealed: SealedFacts) => {
      asked.push(sealed)
      return { permissions: ['notes:write', 'admin'] }
    }
    const opened = await openSealed(text, { ...live, reauthorize })
    expect([opened.permissions, opened.sessionId, opened.provenAtMs]).toEqual([['notes:write'], undefined, Date.now()])
    expect(asked.map(({ userId, identityEndedAtMs }) => [userId, identityEndedAtMs])).toEqual([['alice', Date.now()]])
  })

  test.each(facts)('refuses one %s without reauthorize, and when that refuses', async (_what, more) => {
    const text = await sealedElsewhere(more)
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
    const refusing = { ...live, reauthorize: () => undefined }
    expect(await codeOf(openSealed(text, refusing))).toBe('ERR_CONTEXT_SEAL_REAUTHORIZATION')
  })

  test.each(facts)('keeps one %s shut after a revocation, whatever reauthorize says', async (_what, more) => {
    const text = await sealedElsewhere(more)
    await sessions.revoke({ user: { namespace: issuer, tenantId: 'acme', userId: 'alice' } })
    pass(10)
    const reauthorize = vi.fn(() => ({ permissions: ['notes:read'] }))
    expect(await codeOf(openSealed(text, { ...live, reauthorize }))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('asks nobody while the proof lives', async () => {
    const text = await sealContext(createForUser(await signIn(undefined)), longSealing)
    pass(59 * minuteMs)
    const reauthorize = vi.fn(() => ({ permissions: [] }))
    expect((await openSealed(text, { ...live, reauthorize })).permissions).toEqual(['notes:read'])
    expect(reauthorize).not.toHaveBeenCalled()
  })
})
