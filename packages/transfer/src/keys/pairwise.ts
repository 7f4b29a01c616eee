/**
 * Pairwise pseudonyms: each audience sees another name for the same user, and none can be turned back (OpenID Connect
 * Core, section 8.1). Two services that compare what they were sent find no common user.
 */
import { base64url } from 'jose'
import { encodeKey } from 'user-execution-context'
import type { ToPseudonym } from './sealer.ts'

const encoder = new TextEncoder()

/** Pseudonyms under one secret: HMAC-SHA-256 over kind, audience and parts. 43 characters of base64url. */
export const pairwisePseudonyms = (secret: Uint8Array): ToPseudonym => {
  const key = crypto.subtle.importKey('raw', Uint8Array.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  key.catch(() => undefined)
  return async (kind, audience, parts) => {
    const text = encodeKey(['user-execution-context/pairwise', kind, audience, ...parts])
    return base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', await key, encoder.encode(text))))
  }
}
