// The keys of a deployment and of two services, and contexts of its users, for tests.
import { createForUser, isContextError, type RunRequest, type UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { sealingKeys, signingKeys, verificationKeys, type OpenOptions, type SealingKey } from '../src/index.ts'

const toSecret = (byte: number): string => Buffer.alloc(32, byte).toString('base64url')
export const newKey = (kid: string, byte: number, more: Partial<SealingKey> = {}): SealingKey => ({
  kty: 'oct',
  alg: 'A256GCM',
  kid,
  k: toSecret(byte),
  ...more,
})
export const ring = sealingKeys({ workload: 'web', keys: [newKey('k1', 1)] })

/** An Ed25519 pair: the private half, and the public one. */
export async function newPair(kid: string) {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const { x, d } = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as { x: string; d: string }
  const publicKey = { kty: 'OKP', crv: 'Ed25519', kid, x } as const
  return { publicKey, privateKey: { ...publicKey, d } as const }
}
type CryptoKeyPair = { readonly privateKey: Awaited<ReturnType<typeof crypto.subtle.importKey>> }

export const chat = await newPair('chat-1')
export const readableSigner = signingKeys({ workload: 'chat', key: chat.privateKey, readable: true })
export const pairwiseSigner = signingKeys({ workload: 'chat', key: chat.privateKey, pairwiseSecret: toSecret(9) })
export const fromChat = verificationKeys({ workload: 'chat', keys: [chat.publicKey] })

export type UserFacts = Partial<Omit<Parameters<typeof vouchForUser>[1], 'reason'>>
export const contextOf = (userId: string, facts: UserFacts = {}, run: RunRequest = {}): UserExecutionContext =>
  createForUser(vouchForUser(userId, { reason: 'transfer tests', ...facts }), run)

export const alice = contextOf('alice', { tenantId: 'acme', sessionId: 'session-a', permissions: ['notes:read'] })
export const bob = contextOf('bob', { tenantId: 'acme', sessionId: 'session-b' })

/** What the same hop is called at both ends. */
export const hop = { audience: 'worker', purpose: 'send-report' } as const
export const sealing = { ...hop, sealer: ring.sealer, ttlMs: 60_000 } as const
export const opening = { ...hop, opener: ring.opener, liveness: 'end-only' } as const satisfies OpenOptions

/** The code that a promise rejects with; the value's words when it does not. */
export async function codeOf(attempt: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    const value = await (typeof attempt === 'function' ? attempt() : attempt)
    return `let in: ${String(value)}`
  } catch (error) {
    return isContextError(error) ? error.code : `threw ${String(error)}`
  }
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
