/**
 * One key for each audience and purpose, out of one secret: HKDF (RFC 5869) with SHA-256.
 *
 * A text for one purpose is noise under the key of another, also when a check of the claims is forgotten; and a secret
 * that signs tokens by mistake gives no key that a token was ever signed with.
 */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { encodeKey } from 'user-execution-context'
import type { Destination } from './sealer.ts'

const salt = 'user-execution-context/transfer'
/** Audiences and purposes are constants of the code: more than this many are made up, and are not kept. */
const maxKept = 1000

/** Derives the keys of one secret. Each is derived once. */
export const keyDerivation = (secret: Uint8Array): ((destination: Destination) => KeyObject) => {
  const master = createSecretKey(secret)
  const derived = new Map<string, KeyObject>()
  return ({ audience, purpose }) => {
    // Neither holds a space, so that no two destinations share an entry.
    const place = `${audience} ${purpose}`
    let key = derived.get(place)
    if (key === undefined) {
      if (derived.size >= maxKept) derived.clear()
      const info = encodeKey(['A256GCM', audience, purpose])
      key = createSecretKey(new Uint8Array(hkdfSync('sha256', master, salt, info, 32)))
      derived.set(place, key)
    }
    return key
  }
}
