import type { ContextError } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openSealed, sealContext, sealingKeys, signingKeys, verificationKeys } from '../../src/index.ts'
import { alice, chat, codeOf, hop, newKey, newPair, opening, sealing } from '../deployment.ts'

const ringOf = (...keys: readonly ReturnType<typeof newKey>[]) => sealingKeys({ workload: 'web', keys })
const open = (text: string, { opener }: { opener: typeof opening.opener }) =>
  codeOf(openSealed(text, { ...opening, opener }))

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe('a ring that is rotated (Transaction Tokens, TTS Key Rotation)', () => {
  test('opens with every key, and seals with the first', async () => {
    const [before, during] = [ringOf(newKey('old', 1)), ringOf(newKey('old', 1), newKey('new', 2))]
    const after = ringOf(newKey('new', 2), newKey('old', 1))
    const old = await sealContext(alice, { ...sealing, sealer: before.sealer })
    const still = await sealContext(alice, { ...sealing, sealer: during.sealer })
    const fresh = await sealContext(alice, { ...sealing, sealer: after.sealer })
    for (const text of [old, still]) expect(await open(text, before)).toMatch(/^let in/)
    for (const text of [old, still, fresh]) {
      expect(await open(text, during)).toMatch(/^let in/)
      expect(await open(text, after)).toMatch(/^let in/)
    }
    expect(await open(fresh, before)).toBe('ERR_CONTEXT_SEAL_KEY')
  })

  test('opens with a retired key until its last text has ended, and nothing newer', async () => {
    const retiredAtMs = Date.now()
    const last = await sealContext(alice, { ...sealing, ttlMs: 60_000 })
    vi.setSystemTime(retiredAtMs + 1)
    const newer = await sealContext(alice, sealing)
    const retired = ringOf(newKey('k2', 2), newKey('k1', 1, { retiredAtMs }))
    expect(await open(last, retired)).toMatch(/^let in/)
    expect(await open(newer, retired)).toBe('ERR_CONTEXT_SEAL_KEY')
    vi.setSystemTime(retiredAtMs + 59_999)
    expect(await open(last, retired)).toMatch(/^let in/)
    vi.setSystemTime(retiredAtMs + 60_000)
    expect(await open(last, retired)).toBe('ERR_CONTEXT_SEAL_EXPIRED')
    vi.setSystemTime(retiredAtMs)
    expect(await open(last, ringOf(newKey('k2', 2)))).toBe('ERR_CONTEXT_SEAL_KEY')
  })

  test('does the same for the keys of a service', async () => {
    const next = await newPair('chat-2')
    const retiredAtMs = Date.now()
    const seal = async () => {
      const { sealer } = signingKeys({ workload: 'chat', key: chat.privateKey, readable: true })
      return sealContext(alice, { ...sealing, sealer })
    }
    const last = await seal()
    vi.setSystemTime(retiredAtMs + 1)
    const keys = [next.publicKey, { ...chat.publicKey, retiredAtMs }]
    const { opener } = verificationKeys({ workload: 'chat', keys })
    expect(await open(last, { opener })).toMatch(/^let in/)
    expect(await open(await seal(), { opener })).toBe('ERR_CONTEXT_SEAL_KEY')
  })

  test('keeps the secret that it was given, whatever happens to the options', async () => {
    const key = { ...newKey('k1', 1) }
    const keys = [key]
    const { sealer } = sealingKeys({ workload: 'web', keys })
    Object.assign(key, { k: newKey('k1', 2).k, kid: 'k9' })
    keys.length = 0
    expect(await open(await sealContext(alice, { ...sealing, sealer }), opening)).toMatch(/^let in/)
  })
})

describe('sealingKeys', () => {
  test.each([
    ['no options', undefined],
    ['no workload', { keys: [newKey('k1', 1)] }],
    ['a workload with a space', { workload: 'a b', keys: [newKey('k1', 1)] }],
    ['no keys', { workload: 'web' }],
    ['an empty list', { workload: 'web', keys: [] }],
    ['a key that is none', { workload: 'web', keys: ['secret'] }],
    ['a key that is null', { workload: 'web', keys: [null] }],
    ['a key without a kid', { workload: 'web', keys: [{ ...newKey('k1', 1), kid: undefined }] }],
    ['a kid twice', { workload: 'web', keys: [newKey('k1', 1), newKey('k1', 2)] }],
    ['a key without alg', { workload: 'web', keys: [{ ...newKey('k1', 1), alg: undefined }] }],
    [
      'a key of 31 bytes (RFC 8725 section 3.5)',
      { workload: 'web', keys: [{ ...newKey('k1', 1), k: Buffer.alloc(31).toString('base64url') }] },
    ],
    ['a key that is no base64url', { workload: 'web', keys: [{ ...newKey('k1', 1), k: '+'.repeat(44) }] }],
    ['a first key that is retired', { workload: 'web', keys: [newKey('k1', 1, { retiredAtMs: 1 })] }],
    [
      'a retirement that is no time',
      { workload: 'web', keys: [newKey('k1', 1), newKey('k2', 2, { retiredAtMs: Number.NaN })] },
    ],
    [
      'a key without a secret, which is not the same as a login key without one',
      {
        workload: 'web',
        keys: [{ ...newKey('k1', 1), k: undefined }],
        loginKeys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
      },
    ],
    ['login keys that are no list', { workload: 'web', keys: [newKey('k1', 1)], loginKeys: {} }],
  ])('refuses %s', async (_fault, options) => {
    expect(await codeOf(() => sealingKeys(options as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })
})

describe('signingKeys and verificationKeys', () => {
  const secret = Buffer.alloc(32, 9).toString('base64url')
  const signer = { workload: 'chat', key: chat.privateKey, readable: true }
  test.each([
    ['no options', undefined],
    ['a workload with a slash', { ...signer, workload: 'a/b' }],
    ['no key', { ...signer, key: undefined }],
    ['a public key', { ...signer, key: chat.publicKey }],
    ['a key of another curve', { ...signer, key: { ...chat.privateKey, crv: 'X25519' } }],
    ['neither a secret nor readable', { ...signer, readable: undefined }],
    ['a secret of 31 bytes', { ...signer, readable: false, pairwiseSecret: secret.slice(0, 41) }],
    ['both', { ...signer, pairwiseSecret: secret }],
    ['readable that is a text', { ...signer, readable: 'true' }],
  ])('signingKeys refuses %s', async (_fault, options) => {
    expect(await codeOf(() => signingKeys(options as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test.each([
    ['no options', undefined],
    ['no workload', { keys: [chat.publicKey] }],
    ['no keys', { workload: 'chat', keys: [] }],
    ['a private key', { workload: 'chat', keys: [chat.privateKey] }],
    ['a secret', { workload: 'chat', keys: [newKey('k1', 1)] }],
    ['a key that is none', { workload: 'chat', keys: [null] }],
    ['a key that is too short', { workload: 'chat', keys: [{ ...chat.publicKey, x: 'AAAA' }] }],
  ])('verificationKeys refuses %s', async (_fault, options) => {
    expect(await codeOf(() => verificationKeys(options as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test('says so at opening when a key cannot be used', async () => {
    const { opener } = verificationKeys({
      workload: 'chat',
      keys: [{ ...chat.publicKey, x: Buffer.alloc(32).toString('base64url') }],
    })
    const { sealer } = signingKeys({ workload: 'chat', key: chat.privateKey, readable: true })
    const text = await sealContext(alice, { ...sealing, sealer })
    expect(await codeOf(openSealed(text, { ...hop, opener, liveness: 'end-only' }))).toBe('ERR_CONTEXT_SEAL_BROKEN')
  })
})

describe('a key of another kind', () => {
  const issuesOf = (make: () => unknown): readonly string[] => {
    try {
      make()
    } catch (error) {
      return (error as ContextError).issues.map(({ path, kind }) => `${path}: ${kind}`)
    }
    return []
  }
  const secret = newKey('k1', 1)
  const { privateKey, publicKey } = chat
  test.each([
    [
      'a public key to seal with',
      () => sealingKeys({ workload: 'web', keys: [publicKey as never] }),
      'kty: does not fit',
    ],
    [
      'no key type',
      () => sealingKeys({ workload: 'web', keys: [{ kid: 'k1', alg: 'A256GCM', k: secret.k } as never] }),
      'kty: missing',
    ],
    [
      'a secret to verify with',
      () => verificationKeys({ workload: 'chat', keys: [secret as never] }),
      'kty: does not fit',
    ],
    [
      'another curve to verify with',
      () => verificationKeys({ workload: 'chat', keys: [{ ...publicKey, crv: 'X25519', x: 'AAAA' } as never] }),
      'crv: does not fit',
    ],
    [
      'a private key of another curve to verify with',
      () => verificationKeys({ workload: 'chat', keys: [{ ...privateKey, crv: 'X25519' } as never] }),
      'crv: does not fit',
    ],
  ])('is one fault with one name: %s', (_fault, make, issue) => {
    expect(issuesOf(make)).toEqual([`keys[0].${issue}`])
  })

  test('is one fault with one name: a secret to sign with', () => {
    const key = { ...secret, d: privateKey.d } as never
    expect(issuesOf(() => signingKeys({ workload: 'chat', key, readable: true }))).toEqual(['key.kty: does not fit'])
  })

  test('is told with all that a key of no kind lacks', () => {
    const issues = issuesOf(() => sealingKeys({ workload: 'web', keys: [{} as never] }))
    expect(issues).toEqual(
      ['kid: missing', 'kty: missing', 'alg: missing', 'k: too small'].map((each) => `keys[0].${each}`),
    )
  })

  test('is told with every other fault', () => {
    expect(
      issuesOf(() => sealingKeys({ workload: 'a b', keys: [{ ...secret, alg: 'A128GCM', k: 'c2g' } as never] })),
    ).toEqual(['workload: does not fit', 'keys[0].alg: does not fit', 'keys[0].k: too small'])
  })
})
