/**
 * One key for each audience and purpose, out of one secret: HKDF (RFC 5869) with SHA-256.
 *
 * A text for one purpose is noise under the key of another, also when a check of the claims is forgotten; and a
 * secret that signs tokens by mistake gives no key that a token was ever signed with.
 */
import { encodeKey } from 'user-execution-context'
import type { Destination } from './sealer.ts'

const encoder = new TextEncoder()
const salt = encoder.encode('user-execution-context/transfer')
/** Audiences and purposes are constants of the code: more than this many are made up, and are not kept. */
const maxKept = 1000

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Derives the keys of one secret. Each is derived once. */
export const keyDerivation = (secret: Uint8Array): ((destination: Destination) => Promise<Key>) => {
  const bytes = Uint8Array.from(secret)
  const master = crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey'])
  master.catch(() => undefined)
  const derived = new Map<string, Promise<Key>>()
  return ({ audience, purpose }) => {
    const info = encodeKey(['A256GCM', audience, purpose])
    let key = derived.get(info)
    if (key === undefined) {
      if (derived.size >= maxKept) derived.clear()
      key = master.then((from) => deriveEncryptionKey(from, info))
      derived.set(info, key)
    }
    return key
  }
}

function deriveEncryptionKey(master: Key, info: string): Promise<Key> {
  const by = { name: 'HKDF', hash: 'SHA-256', salt, info: encoder.encode(info) }
  return crypto.subtle.deriveKey(by, master, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
