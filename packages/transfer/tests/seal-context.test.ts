import { base64url, decodeJwt, decodeProtectedHeader } from 'jose'
import { deriveChild } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { openSealed, sealContext, type SealOptions } from '../src/index.ts'
import {
  alice,
  chat,
  codeOf,
  contextOf,
  fromChat,
  hop,
  opening,
  pairwiseSigner,
  readableSigner,
  sealing,
  utf8,
} from './deployment.ts'

describe('sealContext', () => {
  test('gives an encrypted text that says for whom and what it is, and nothing else', async () => {
    const text = await sealContext(alice, { ...sealing, bind: utf8('job') })
    const [header, encryptedKey] = text.split('.')
    expect(decodeProtectedHeader(text)).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      typ: 'txntoken+jwt',
      kid: 'k1',
      aud: 'worker',
      purpose: 'send-report',
    })
    expect([text.split('.').length, encryptedKey]).toEqual([5, ''])
    for (const secret of ['alice', 'session-a', 'acme', alice.threadId, alice.runId]) {
      expect(new TextDecoder().decode(base64url.decode(header!))).not.toContain(secret)
      expect(Buffer.from(text.split('.')[3]!, 'base64url').toString('latin1')).not.toContain(secret)
    }
  })

  test('makes another text each time', async () => {
    const texts = await Promise.all(Array.from({ length: 20 }, () => sealContext(alice, sealing)))
    expect(new Set(texts).size).toBe(20)
    expect(new Set(texts.map((text) => text.split('.')[2])).size).toBe(20)
  })

  // Transaction Tokens, JWT Header. Transaction Tokens, JWT Body Claims.
  test('gives a signed text with the claims of Transaction Tokens', async () => {
    const beforeMs = Date.now()
    const text = await sealContext(alice, { ...sealing, sealer: readableSigner.sealer, once: true })
    expect(decodeProtectedHeader(text)).toEqual({ alg: 'EdDSA', typ: 'txntoken+jwt', kid: 'chat-1' })
    const claims = decodeJwt(text)
    expect(claims).toMatchObject({
      aud: 'worker',
      sub: 'alice',
      txn: alice.runId,
      scope: 'notes:read',
      req_wl: 'chat',
      tctx: { purpose: 'send-report', tid: 'acme', sid: 'session-a', thread: alice.threadId, once: true },
      rctx: { request: alice.requestId, depth: 0, provider: 'vouched' },
    })
    expect(claims.iat! * 1000).toBeGreaterThanOrEqual(beforeMs)
    expect(Math.round((claims.exp! - claims.iat!) * 1000)).toBe(sealing.ttlMs)
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/)
  })

  // Transaction Tokens, Handling of Personal Information.
  test('names no user in a signed text unless it is readable', async () => {
    const seal = (audience: string, context = alice) =>
      sealContext(context, { ...sealing, audience, sealer: pairwiseSigner.sealer })
    const text = await seal('worker')
    const payload = Buffer.from(text.split('.')[1]!, 'base64url').toString()
    expect(payload).not.toMatch(/alice|session-a/)
    const subjectOf = async (sealed: Promise<string>) => decodeJwt(await sealed).sub
    expect(await subjectOf(seal('worker'))).toBe(decodeJwt(text).sub)
    const others = [
      seal('billing'),
      seal('worker', contextOf('bob', { tenantId: 'acme' })),
      seal('worker', contextOf('alice', { tenantId: 'other' })),
      seal('worker', contextOf('alice')),
    ]
    const subjects = new Set(await Promise.all([seal('worker'), ...others].map(subjectOf)))
    expect(subjects.size).toBe(5)
    const opened = await openSealed(text, { ...opening, opener: fromChat.opener })
    expect(opened.userId).toBe(decodeJwt(text).sub)
    expect(opened.sessionId).not.toBe('session-a')
    expect(opened.namespace).toBe('pairwise:chat')
    expect([opened.tenantId, opened.runId]).toEqual(['acme', alice.runId])
  })

  test('names no person who acts in a signed text unless it is readable', async () => {
    const actor = { name: 'carol.support', kind: 'person' } as const
    const child = deriveChild(deriveChild(alice, 'help', { actor }), 'search', {
      actor: { name: 'bot', kind: 'agent' },
    })
    const payloadOf = async (sealer: SealOptions['sealer']) =>
      Buffer.from((await sealContext(child, { ...sealing, sealer })).split('.')[1]!, 'base64url').toString()
    expect(await payloadOf(pairwiseSigner.sealer)).not.toContain('carol.support')
    expect(await payloadOf(pairwiseSigner.sealer)).toContain('"sub":"bot"')
    expect(await payloadOf(readableSigner.sealer)).toContain('carol.support')
  })

  test('carries data only encrypted, and at most 8,192 bytes of it', async () => {
    const withData = (size: number) => contextOf('alice', {}, { agentContext: { text: 'é'.repeat(size) } })
    const overhead = '{"text":""}'.length
    const seal = (size: number, more: Partial<SealOptions> = {}) =>
      codeOf(sealContext(withData(size), { ...sealing, carry: true, ...more }))
    expect(await seal((8192 - overhead - 1) / 2)).toMatch(/^let in/)
    expect(await seal((8192 - overhead + 1) / 2)).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(await seal(1, { sealer: readableSigner.sealer })).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(await seal(1, { sealer: pairwiseSigner.sealer })).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test('refuses to make a text that would not be opened', async () => {
    const permissions = Array.from({ length: 1000 }, (_, index) => `permission-with-a-long-name-${index}`)
    const code = await codeOf(sealContext(contextOf('alice', { permissions }), sealing))
    expect(code).toBe('ERR_CONTEXT_SEAL_TOO_LARGE')
    const some = contextOf('alice', { permissions: permissions.slice(0, 500) })
    expect((await openSealed(await sealContext(some, sealing), opening)).permissions).toEqual(some.permissions)
  })

  test('names every option that it cannot use', async () => {
    const attempt = sealContext(alice, {
      sealer: sealing.sealer,
      audience: 'a b',
      ttlMs: 0,
      once: 1,
      carry: 'all',
      bnid: utf8('job'),
    } as never)
    const error = (await attempt.catch((caught: unknown) => caught)) as { issues: readonly { path: string }[] }
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_INVALID_OPTIONS' })
    expect(error.issues.map(({ path }) => path)).toEqual(['audience', 'purpose', 'ttlMs', 'once', 'carry', 'bnid'])
  })

  test.each([[undefined], [Number.NaN], [Infinity], [0], [-1], ['60000'], [400 * 86_400_000 + 1]])(
    'refuses a time of %s',
    async (ttlMs) => {
      expect(await codeOf(sealContext(alice, { ...sealing, ttlMs } as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    },
  )

  test('takes a sealer of its own key rings only', async () => {
    const { sealer } = sealing
    for (const forged of [{ ...sealer }, { seal: () => 'text' }, undefined, Object.create(sealer), opening.opener])
      expect(await codeOf(sealContext(alice, { ...sealing, sealer: forged as never }))).toBe(
        'ERR_CONTEXT_INVALID_OPTIONS',
      )
    expect(sealer.constructor).toBe(Object)
    expect(JSON.stringify([sealer, opening.opener])).toBe('[{},{}]')
  })

  test.each([[undefined], [null], [{ userId: 'alice' }], [{ ...alice }], [JSON.parse(JSON.stringify(alice))]])(
    'refuses what is no context: %j',
    async (context) => {
      expect(await codeOf(sealContext(context as never, sealing))).toBe('ERR_CONTEXT_NOT_ISSUED')
    },
  )

  test('keeps what a key of a service signs apart from what a ring encrypts', async () => {
    const signed = await sealContext(alice, { ...sealing, sealer: readableSigner.sealer })
    const encrypted = await sealContext(alice, sealing)
    expect(await codeOf(openSealed(signed, opening))).toBe('ERR_CONTEXT_SEAL_ALGORITHM')
    expect(await codeOf(openSealed(encrypted, { ...hop, opener: fromChat.opener, liveness: 'end-only' }))).toBe(
      'ERR_CONTEXT_SEAL_ALGORITHM',
    )
    expect(chat.publicKey).not.toHaveProperty('d')
  })
})
