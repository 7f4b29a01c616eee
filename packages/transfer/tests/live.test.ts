// A text does not outlive a sign-out: what was revoked after it was sealed opens nothing, and what was opened ends.
// AISVS 9.5.6.
import { assertLive, createForUser, deriveChild, identityProvider, isLive, liveSessions } from 'user-execution-context'
import type { LiveSessions, UserExecutionContext, VerifiedFacts } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inProcessReplayMemory, openSealed, sealContext, type OpenOptions } from '../src/index.ts'
import { codeOf, hop, opening, readableSigner, fromChat, sealing } from './deployment.ts'

const minuteMs = 60_000
const issuer = 'https://id.example.com'
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

const signIn = async (facts: Partial<VerifiedFacts> = {}): Promise<UserExecutionContext> => {
  const given = { userId: 'alice', tenantId: 'acme', sessionId: 's-1', issuedAtMs: Date.now(), ...facts }
  const verify = identityProvider({ name: 'oidc', namespace: issuer, sessions, verify: () => given })
  return createForUser(await verify(undefined))
}
const alice = { namespace: issuer, tenantId: 'acme', userId: 'alice' }
const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms)

describe('sealContext', () => {
  // Transaction Tokens, Txn-Token as a subject_token.
  test('seals nothing for whom is signed out, or whose identity has ended', async () => {
    const context = await signIn({ expiresAtMs: Date.now() + minuteMs })
    expect(await codeOf(sealContext(context, sealing))).toMatch(/^let in/)
    const other = await signIn({ sessionId: 's-2' })
    await sessions.revoke({ session: other })
    expect(await codeOf(sealContext(other, sealing))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    const plain = createForUser(
      await identityProvider({ name: 'x', verify: () => ({ userId: 'bob', expiresAtMs: Date.now() + 1 }) })(undefined),
    )
    pass(1)
    expect(await codeOf(sealContext(plain, sealing))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
  })
})

describe('sealContext, after the proof was renewed', () => {
  const renewed = async () => {
    const facts = { userId: 'alice', tenantId: 'acme', sessionId: 's-1' }
    const verify = identityProvider({
      name: 'oidc',
      namespace: issuer,
      sessions,
      verify: (end: number) => ({ ...facts, expiresAtMs: end }),
    })
    const previous = await verify(Date.now() + minuteMs)
    const context = createForUser(previous)
    const endsAtMs = Date.now() + 3 * minuteMs
    expect(sessions.renew(previous, await verify(endsAtMs))).toBe(true)
    pass(2 * minuteMs)
    return { contexts: [context, createForUser(previous), deriveChild(context, 'step')], endsAtMs }
  }

  test('makes texts that open for as long as the proof lasts now, and no longer', async () => {
    const { contexts, endsAtMs } = await renewed()
    const texts = await Promise.all(
      contexts.map((context) => sealContext(context, { ...sealing, ttlMs: 9 * minuteMs })),
    )
    for (const text of texts) expect((await openSealed(text, live)).expiresAtMs).toBe(endsAtMs)
    vi.setSystemTime(endsAtMs)
    for (const text of texts) expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
  })
})

describe('openSealed, with live sessions', () => {
  test('opens for whom is signed in, and ends what it opened at the sign-out', async () => {
    const context = await signIn()
    const opened = await openSealed(await sealContext(context, sealing), live)
    expect([opened.namespace, opened.sessionId, isLive(opened)]).toEqual([issuer, 's-1', true])
    await sessions.revoke({ session: context })
    expect(await codeOf(() => assertLive(opened))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test.each(['session', 'user', 'tenant'] as const)('refuses after the %s was revoked', async (what) => {
    const context = await signIn()
    const text = await sealContext(context, sealing)
    pass(10)
    const { namespace, tenantId } = alice
    if (what === 'session') await sessions.revoke({ session: context })
    else await sessions.revoke(what === 'user' ? { user: alice } : { tenant: { namespace, tenantId } })
    // Later than the revocation: the text is still of before.
    pass(10)
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    // By name, without a registry, it is not known.
    expect(await codeOf(openSealed(text, opening))).toMatch(/^let in/)
    pass(10)
    const again = await sealContext(await signIn({ sessionId: 's-2' }), sealing)
    expect(await codeOf(openSealed(again, live))).toMatch(/^let in/)
  })

  test('opens nothing for an owner who signs out while reauthorize() is asked, and uses nothing up', async () => {
    const sealedFor = await signIn({ expiresAtMs: Date.now() + minuteMs })
    const text = await sealContext(sealedFor, { ...sealing, ttlMs: 9 * minuteMs, once: true })
    pass(2 * minuteMs)
    const owner = await signIn({ sessionId: 's-2' })
    const replay = inProcessReplayMemory()
    const reauthorize = (revoked?: UserExecutionContext) => async () => {
      if (revoked !== undefined) await sessions.revoke({ session: revoked })
      return { permissions: [] }
    }
    const open = (by: UserExecutionContext, revoked?: UserExecutionContext) =>
      openSealed(text, { ...live, replay, owner: by, reauthorize: reauthorize(revoked) })
    expect(await codeOf(open(owner, owner))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await codeOf(open(await signIn({ sessionId: 's-3' })))).toMatch(/^let in/)
  })

  test('opens nothing for an owner who is signed out meanwhile', async () => {
    const text = await sealContext(await signIn(), sealing)
    const owner = await signIn({ sessionId: 's-2' })
    expect(await codeOf(openSealed(text, { ...live, owner }))).toMatch(/^let in/)
    await sessions.revoke({ session: owner })
    expect(await codeOf(openSealed(text, { ...live, owner }))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    const user = await identityProvider({ name: 'oidc', verify: () => ({ userId: 'alice', tenantId: 'acme' }) })('')
    for (const forged of [Object.freeze({}), user])
      expect(await codeOf(openSealed(text, { ...live, owner: forged as never }))).toBe('ERR_CONTEXT_NOT_ISSUED')
  })

  test('leaves the texts of other sessions, users, tenants and issuers alone', async () => {
    const others = [{ sessionId: 's-2' }, { userId: 'bob' }, { tenantId: 'other' }, { tenantId: undefined }]
    const texts = await Promise.all(others.map(async (facts) => sealContext(await signIn(facts), sealing)))
    pass(10)
    await sessions.revoke({ session: await signIn() })
    await sessions.revoke({ user: { ...alice, namespace: 'https://other.example' } })
    for (const text of texts) expect(await codeOf(openSealed(text, live))).toMatch(/^let in/)
  })

  test('takes exactly one of sessions and liveness, and no registry of a caller', async () => {
    const text = await sealContext(await signIn(), sealing)
    const wrong: readonly object[] = [
      ...[{}, { sessions, liveness: 'end-only' }, { liveness: 'never' }, { sessions: undefined, liveness: 'end-only' }],
      ...[{ sessions: undefined }, { sessions: {} }, { sessions: null }, { liveness: undefined }],
    ]
    for (const more of wrong)
      expect(await codeOf(openSealed(text, { ...hop, opener: opening.opener, ...more } as never))).toBe(
        'ERR_CONTEXT_INVALID_OPTIONS',
      )
  })
})

describe('openSealed, after a revocation that the one who seals has not heard of', () => {
  // Another process: a registry of its own that hears nothing here, or none.
  const sealLater = async (elsewhere: LiveSessions | undefined, facts: Partial<VerifiedFacts> = {}) => {
    const given = { userId: 'alice', tenantId: 'acme', sessionId: 's-1', ...facts }
    const verify = identityProvider({ name: 'oidc', namespace: issuer, sessions: elsewhere, verify: () => given })
    const user = await verify(undefined)
    pass(10)
    await sessions.revoke({ user: alice })
    pass(50)
    return createForUser(user)
  }
  const elsewhere = [
    ['has not heard it yet', () => liveSessions({ maxProofMs: 60 * minuteMs })],
    ['has no registry', () => undefined],
  ] as const

  test.each(elsewhere)('refuses what was made and sealed after it where one %s', async (_what, open) => {
    for (const issuedAtMs of [Date.now() - 10, Date.now(), undefined]) {
      const context = await sealLater(open(), { issuedAtMs })
      expect(await codeOf(openSealed(await sealContext(context, sealing), live))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    }
  })

  test.each(elsewhere)(
    'refuses it after several hops, as a child and with an exemption, where one %s',
    async (_w, open) => {
      const context = await sealLater(open(), { issuedAtMs: Date.now() })
      const untilMs = Date.now() + minuteMs
      const exempt = deriveChild(context, 'report', { outlivesIdentity: { reason: 'finishes a report', untilMs } })
      for (const sealed of [deriveChild(context, 'step'), exempt]) {
        const hopped = await openSealed(await sealContext(sealed, sealing), opening)
        pass(10)
        const again = await openSealed(await sealContext(hopped, sealing), opening)
        for (const last of [sealed, hopped, again])
          expect(await codeOf(openSealed(await sealContext(last, sealing), live))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
      }
    },
  )

  test('counts no proof as newer than when it was verified, whatever its issuer says', async () => {
    const context = await sealLater(undefined, { issuedAtMs: Date.now() + 5_000 })
    const text = await sealContext(context, sealing)
    pass(6_000)
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('requests rights of today before it counts them as such', async () => {
    const context = await signIn({ permissions: ['notes:read'], expiresAtMs: Date.now() + minuteMs })
    const text = await sealContext(context, { ...sealing, ttlMs: 60 * minuteMs })
    pass(minuteMs)
    const reauthorize = async () => {
      pass(5)
      await sessions.revoke({ tenant: { namespace: issuer, tenantId: 'other' } })
      return { permissions: ['notes:read'] }
    }
    const askedAtMs = Date.now()
    expect((await openSealed(text, { ...live, reauthorize })).provenAtMs).toBe(askedAtMs)
  })

  test('lets an exemption go on for its time, also where the proof behind it is older than proofs live', async () => {
    const context = await signIn({ expiresAtMs: Date.now() + 59 * minuteMs })
    pass(58 * minuteMs)
    const untilMs = Date.now() + 60 * minuteMs
    const exempt = deriveChild(context, 'report', { outlivesIdentity: { reason: 'finishes a report', untilMs } })
    const text = await sealContext(exempt, { ...sealing, ttlMs: 90 * minuteMs })
    pass(30 * minuteMs)
    expect(exempt.expiresAtMs).toBe(untilMs)
    expect((await openSealed(text, live)).expiresAtMs).toBe(untilMs)
  })
})

describe('openSealed, with live sessions and reauthorize', () => {
  const reauthorize = () => ({ permissions: ['notes:read'] })
  const sealedLong = async (facts: Partial<VerifiedFacts> = {}) => {
    const context = await signIn({ permissions: ['notes:read'], expiresAtMs: Date.now() + minuteMs, ...facts })
    return { context, text: await sealContext(context, { ...sealing, ttlMs: 30 * 86_400_000 }) }
  }

  test('opens after the end of the identity, also after a sign-out of its session, without it', async () => {
    const { context, text } = await sealedLong()
    await sessions.revoke({ session: context })
    pass(minuteMs)
    const opened = await openSealed(text, { ...live, reauthorize })
    expect([opened.userId, opened.sessionId, opened.permissions]).toEqual(['alice', undefined, ['notes:read']])
    pass(29 * 86_400_000)
    expect(await codeOf(openSealed(text, { ...live, reauthorize }))).toMatch(/^let in/)
  })

  test.each([
    ['soon', minuteMs],
    ['after weeks', 20 * 86_400_000],
  ])('stays shut after its user was revoked %s, whatever reauthorize says', async (_when, afterMs) => {
    const { text } = await sealedLong()
    pass(afterMs)
    await sessions.revoke({ user: alice })
    pass(10)
    expect(await codeOf(openSealed(text, { ...live, reauthorize }))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    pass(minuteMs)
    // A sign-in after that, and what was sealed by it.
    const { text: fresh } = await sealedLong({ sessionId: 's-2' })
    pass(minuteMs)
    expect(await codeOf(openSealed(fresh, { ...live, reauthorize }))).toMatch(/^let in/)
    expect(await codeOf(openSealed(text, { ...live, reauthorize }))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('gives a context that ends with its user', async () => {
    const { text } = await sealedLong()
    pass(minuteMs)
    const opened = await openSealed(text, { ...live, reauthorize })
    await sessions.revoke({ user: alice })
    expect(isLive(opened)).toBe(false)
  })
})

describe('a context that was exempted', () => {
  test('opens after the sign-out of its session, until it ends, and not after its user was revoked', async () => {
    const context = await signIn({ expiresAtMs: Date.now() + minuteMs })
    const untilMs = Date.now() + 30 * minuteMs
    const exempt = deriveChild(context, 'report', { outlivesIdentity: { reason: 'finishes a report', untilMs } })
    const text = await sealContext(exempt, { ...sealing, ttlMs: 60 * minuteMs })
    pass(10)
    await sessions.revoke({ session: context })
    pass(5 * minuteMs)
    const opened = await openSealed(text, live)
    expect([opened.expiresAtMs, opened.sessionId]).toEqual([untilMs, undefined])
    expect(opened.identity.outlives).toEqual({ reason: 'finishes a report', untilMs })
    // Over a second hop too, and no child lengthens it.
    const again = await openSealed(await sealContext(opened, { ...sealing, ttlMs: 60 * minuteMs }), live)
    expect(again.identity.outlives).toEqual({ reason: 'finishes a report', untilMs })
    const longer = { outlivesIdentity: { reason: 'goes on', untilMs: untilMs + 1 } } as const
    expect(() => deriveChild(again, 'report', longer)).toThrow('outlivesIdentity.untilMs: too large')
    vi.setSystemTime(untilMs)
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
    vi.setSystemTime(untilMs - minuteMs)
    await sessions.revoke({ user: alice })
    expect(await codeOf(openSealed(text, live))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })
})

describe('a hop', () => {
  // RFC 8693 section 4.1.
  test('continues actors and lineage, one level deeper, and says where it came from', async () => {
    const root = await signIn({ actors: [{ name: 'gateway', kind: 'service' }] })
    const child = deriveChild(root, 'search', { actor: { name: 'researcher', kind: 'agent' } })
    for (const { sealer, opener } of [
      { sealer: sealing.sealer, opener: opening.opener },
      { sealer: readableSigner.sealer, opener: fromChat.opener },
    ]) {
      const opened = await openSealed(await sealContext(child, { ...sealing, sealer }), { ...live, opener })
      expect(opened.depth).toBe(2)
      expect(opened.parentRequestId).toBe(child.requestId)
      expect(opened.actors.map(({ name, kind, source }) => [name, kind, source])).toEqual([
        ['researcher', 'agent', 'declared'],
        ['gateway', 'service', 'verified'],
      ])
      expect(opened.identity).toMatchObject({
        provider: 'sealed-context',
        kind: 'person',
        origin: { requestId: child.requestId, depth: 1, provider: 'oidc' },
      })
    }
  })

  test('after a hop names who verified the user, and not what opened the text in between', async () => {
    const first = await openSealed(await sealContext(await signIn({}), sealing), live)
    const second = await openSealed(await sealContext(first, sealing), live)
    expect(second.identity).toMatchObject({
      provider: 'sealed-context',
      origin: { requestId: first.requestId, depth: 1, provider: 'oidc' },
    })
  })

  test('carries the rights of a child only (AISVS 9.5.2, Transaction Tokens, Scope Processing)', async () => {
    const root = await signIn({ permissions: ['notes:read', 'notes:write'] })
    const child = deriveChild(root, 'search', { permissions: ['notes:read'] })
    const opened = await openSealed(await sealContext(child, sealing), live)
    expect(opened.permissions).toEqual(['notes:read'])
  })

  test('keeps a program a program', async () => {
    const opened = await openSealed(await sealContext(await signIn({ kind: 'service' }), sealing), live)
    expect(opened.identity.kind).toBe('service')
  })

  test('ends where contexts may nest no deeper, at sealing', async () => {
    let context = await signIn()
    for (let depth = 0; depth < 10; depth++) {
      expect(await codeOf(openSealed(await sealContext(context, sealing), live))).toMatch(/^let in/)
      context = deriveChild(context, 'step')
    }
    expect(await codeOf(sealContext(context, sealing))).toBe('ERR_CONTEXT_TOO_DEEP')
  })
})
