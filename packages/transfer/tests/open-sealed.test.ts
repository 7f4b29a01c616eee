import { isUserExecutionContext, toOwnerKey } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inProcessReplayMemory, openSealed, sealContext, type OpenOptions, type SealedFacts } from '../src/index.ts'
import { alice, bob, codeOf, contextOf, hop, opening, sealing, utf8 } from './deployment.ts'

const minuteMs = 60_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe('openSealed', () => {
  test('gives a fresh context of the same owner, thread, run and permissions', async () => {
    const opened = await openSealed(await sealContext(alice, sealing), opening)
    expect(isUserExecutionContext(opened)).toBe(true)
    const { userId, tenantId, sessionId, permissions, threadId, runId } = alice
    expect(opened).toMatchObject({ tenantId, permissions, threadId, runId })
    expect([opened.userId, opened.sessionId, opened.namespace]).toEqual([userId, sessionId, 'vouched'])
    expect(toOwnerKey(opened)).toBe(toOwnerKey(alice))
    expect(opened.requestId).not.toBe(alice.requestId)
    expect(opened.identity.provider).toBe('sealed-context')
  })

  test('keeps the end of the identity to the millisecond, however long the text lasts', async () => {
    const expiresAtMs = Date.now() + 1234
    const text = await sealContext(contextOf('alice', { expiresAtMs }), { ...sealing, ttlMs: minuteMs })
    expect((await openSealed(text, opening)).expiresAtMs).toBe(expiresAtMs)
    vi.setSystemTime(expiresAtMs - 1)
    expect((await openSealed(text, opening)).expiresAtMs).toBe(expiresAtMs)
    vi.setSystemTime(expiresAtMs)
    expect(await codeOf(openSealed(text, opening))).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
  })

  test('refuses a text at the very millisecond of its end (Transaction Tokens, Txn-Token Lifetime)', async () => {
    const sealedAtMs = Date.now()
    const text = await sealContext(alice, { ...sealing, ttlMs: 1 })
    expect(await codeOf(openSealed(text, opening))).toMatch(/^let in/)
    vi.setSystemTime(sealedAtMs + 1)
    expect(await codeOf(openSealed(text, opening))).toBe('ERR_CONTEXT_SEAL_EXPIRED')
  })

  test('lets the clocks of two machines differ by five seconds, and no more', async () => {
    const sealedAtMs = Date.now()
    const text = await sealContext(alice, sealing)
    vi.setSystemTime(sealedAtMs - 5000)
    expect(await codeOf(openSealed(text, opening))).toMatch(/^let in/)
    vi.setSystemTime(sealedAtMs - 5001)
    expect(await codeOf(openSealed(text, opening))).toBe('ERR_CONTEXT_SEAL_NOT_YET_VALID')
  })

  test('carries agentContext only where it was asked for, and never auditMetadata', async () => {
    const context = contextOf('alice', {}, { agentContext: { locale: 'en' }, auditMetadata: { address: '192.0.2.1' } })
    const plain = await openSealed(await sealContext(context, sealing), opening)
    expect([plain.agentContext, plain.auditMetadata]).toEqual([{}, {}])
    const carried = await openSealed(await sealContext(context, { ...sealing, carry: true }), opening)
    expect([carried.agentContext, carried.auditMetadata]).toEqual([{ locale: 'en' }, {}])
  })

  test('refuses what is presented by another user, in another tenant, or for another run or thread', async () => {
    const text = await sealContext(alice, sealing)
    const presented = (more: Pick<Partial<OpenOptions>, 'owner' | 'threadId' | 'runId'>) =>
      codeOf(openSealed(text, { ...opening, ...more }))
    const sameUser = contextOf('alice', { tenantId: 'acme' })
    expect(await presented({ owner: sameUser, threadId: alice.threadId, runId: alice.runId })).toMatch(/^let in/)
    expect(await presented({ owner: bob })).toBe('ERR_CONTEXT_SEAL_SUBJECT')
    expect(await presented({ owner: contextOf('alice', { tenantId: 'other' }) })).toBe('ERR_CONTEXT_SEAL_TENANT')
    expect(await presented({ owner: contextOf('alice') })).toBe('ERR_CONTEXT_SEAL_TENANT')
    expect(await presented({ runId: bob.runId })).toBe('ERR_CONTEXT_SEAL_RUN')
    expect(await presented({ threadId: bob.threadId })).toBe('ERR_CONTEXT_SEAL_RUN')
    expect(await presented({ owner: { ...sameUser } as never })).toBe('ERR_CONTEXT_NOT_ISSUED')
    // A variable that was never set must not be a check that never runs.
    expect(await presented({ owner: undefined as never })).toBe('ERR_CONTEXT_NOT_ISSUED')
    expect(await presented({ threadId: undefined as never })).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(await presented({ runId: undefined as never })).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test('names every option that it cannot use, and takes no opener of another form', async () => {
    const text = await sealContext(alice, sealing)
    const attempt = openSealed(text, {
      ...hop,
      audience: '',
      attemptKey: 'without a memory',
      replay: {},
      reauthorize: true,
      runId: 1,
      surprise: true,
    } as never)
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_CONTEXT_INVALID_OPTIONS' })
    const { issues } = (await attempt.catch((error: unknown) => error)) as { issues: readonly { path: string }[] }
    expect(issues.map(({ path }) => path)).toEqual([
      'audience',
      'replay',
      'runId',
      'reauthorize',
      'sessions',
      'surprise',
    ])
    const forged = { open: () => ({ claims: {}, retiredAtMs: undefined }) } as never
    for (const opener of [forged, {}, undefined, Object.create(opening.opener)])
      expect(await codeOf(openSealed(text, { ...opening, opener }))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(await codeOf(openSealed(text, undefined as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    for (const attemptKey of ['', 'x'.repeat(257), 5])
      expect(await codeOf(openSealed(text, { ...opening, replay: inProcessReplayMemory(), attemptKey } as never))).toBe(
        'ERR_CONTEXT_INVALID_OPTIONS',
      )
    expect(await codeOf(openSealed(text, { ...opening, attemptKey: 'job-1' }))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test.each([[undefined], [null], [42], [{}], [['a']], [''], ['a.b.c'], ['.'.repeat(4)]])(
    'refuses what is no text of ours: %j',
    async (text) => {
      expect(await codeOf(openSealed(text as never, opening))).toBe('ERR_CONTEXT_SEAL_MALFORMED')
    },
  )
})

describe('openSealed, with a binding', () => {
  test('opens beside the same bytes only', async () => {
    const text = await sealContext(alice, { ...sealing, bind: utf8('{"report":7}') })
    const beside = (bind: OpenOptions['bind']) => codeOf(openSealed(text, { ...opening, bind }))
    expect(await beside(utf8('{"report":7}'))).toMatch(/^let in/)
    expect(await beside([utf8('{"report":7}')])).toMatch(/^let in/)
    expect(await beside(utf8('{"report":8}'))).toBe('ERR_CONTEXT_SEAL_BINDING')
    expect(await beside(utf8('{"report": 7}'))).toBe('ERR_CONTEXT_SEAL_BINDING')
    expect(await beside(undefined)).toBe('ERR_CONTEXT_SEAL_BINDING_ONE_SIDED')
    const unbound = await sealContext(alice, sealing)
    expect(await codeOf(openSealed(unbound, { ...opening, bind: utf8('x') }))).toBe(
      'ERR_CONTEXT_SEAL_BINDING_ONE_SIDED',
    )
  })

  test('keeps the parts apart', async () => {
    const text = await sealContext(alice, { ...sealing, bind: [utf8('pay'), utf8('ment')] })
    const beside = (...parts: readonly string[]) =>
      codeOf(openSealed(text, { ...opening, bind: parts.map((part) => utf8(part)) }))
    expect(await beside('pay', 'ment')).toMatch(/^let in/)
    expect(await beside('paym', 'ent')).toBe('ERR_CONTEXT_SEAL_BINDING')
    expect(await beside('payment')).toBe('ERR_CONTEXT_SEAL_BINDING')
    expect(await beside('pay', 'ment', '')).toBe('ERR_CONTEXT_SEAL_BINDING')
  })

  test('binds the bytes as they were at the call, whoever writes to them after', async () => {
    const bytes = utf8('{"to":"alice"}')
    const sealed = sealContext(alice, { ...sealing, bind: bytes })
    bytes.set(utf8('{"to":"mallo"}'))
    expect(await codeOf(openSealed(await sealed, { ...opening, bind: utf8('{"to":"alice"}') }))).toMatch(/^let in/)
  })
})

describe('openSealed, after the end of the identity', () => {
  const sealedLater = async () => {
    const expiresAtMs = Date.now() + minuteMs
    const facts = { tenantId: 'acme', sessionId: 's-1', permissions: ['notes:read', 'notes:write'], expiresAtMs }
    const context = contextOf('alice', facts)
    return { context, expiresAtMs, text: await sealContext(context, { ...sealing, ttlMs: 30 * 86_400_000 }) }
  }

  test('asks reauthorize, with all that it needs to decide, and only then', async () => {
    const { context, expiresAtMs, text } = await sealedLater()
    const asked: SealedFacts[] = []
    const reauthorize = (facts: SealedFacts) => void asked.push(facts)
    await openSealed(text, { ...opening, reauthorize })
    expect(asked).toEqual([])
    vi.setSystemTime(expiresAtMs)
    expect(await codeOf(openSealed(text, { ...opening, reauthorize }))).toBe('ERR_CONTEXT_SEAL_REAUTHORIZATION')
    expect(asked).toMatchObject([
      {
        userId: 'alice',
        tenantId: 'acme',
        sessionId: 's-1',
        permissions: ['notes:read', 'notes:write'],
        threadId: context.threadId,
        runId: context.runId,
        purpose: 'send-report',
        identityEndedAtMs: expiresAtMs,
      },
    ])
  })

  test('gives what the user had then and has today, for a bounded time', async () => {
    const { expiresAtMs, text } = await sealedLater()
    vi.setSystemTime(expiresAtMs + minuteMs)
    const reauthorize = () => ({ permissions: ['notes:read', 'admin'] })
    const opened = await openSealed(text, { ...opening, reauthorize })
    expect(opened.permissions).toEqual(['notes:read'])
    expect(opened.expiresAtMs).toBe(Date.now() + 15 * minuteMs)
    const shorter = () => ({ permissions: [], expiresAtMs: Date.now() + 1 })
    expect((await openSealed(text, { ...opening, reauthorize: shorter })).expiresAtMs).toBe(Date.now() + 1)
  })

  test.each([[undefined], [null], [false], [true], [{}], [{ permissions: 'notes:read' }], [['notes:read']]])(
    'refuses when the answer is no list of rights: %j',
    async (answer) => {
      const { expiresAtMs, text } = await sealedLater()
      vi.setSystemTime(expiresAtMs)
      const attempt = openSealed(text, { ...opening, reauthorize: () => answer as never })
      expect(await codeOf(attempt)).toBe('ERR_CONTEXT_SEAL_REAUTHORIZATION')
    },
  )

  test.each([[0], [Number.NaN], ['tomorrow']])('refuses an answer whose end is %s', async (end) => {
    const { expiresAtMs, text } = await sealedLater()
    vi.setSystemTime(expiresAtMs)
    const reauthorize = () => ({ permissions: [], expiresAtMs: end as never })
    expect(await codeOf(openSealed(text, { ...opening, reauthorize }))).toBe('ERR_CONTEXT_SEAL_REAUTHORIZATION')
  })

  test('throws what reauthorize throws', async () => {
    const { expiresAtMs, text } = await sealedLater()
    vi.setSystemTime(expiresAtMs)
    const reauthorize = () => Promise.reject(new Error('the store is down'))
    await expect(openSealed(text, { ...opening, reauthorize })).rejects.toThrow('the store is down')
  })
})
