/**
 * Pairwise pseudonyms: each audience sees another name for the same user, and none can be turned back (OpenID Connect
 * Core, section 8.1). Two services that compare pseudonyms find no common user. By the run, the thread and the times of
 * their texts they do, because a transaction is followed by them: docs/transfer.md says so.
 */
import { createHmac, createSecretKey } from 'node:crypto'
import { encodeKey } from 'user-execution-context'
import type { ToPseudonym } from './sealer.ts'

/** What the namespace of a service's pseudonyms begins with; its name follows. */
export const pairwisePrefix = 'pairwise:'

/** Pseudonyms under one secret: HMAC-SHA-256 over kind, audience and parts. 43 characters of base64url. */
export const pairwisePseudonyms = (secret: Uint8Array): ToPseudonym => {
  const key = createSecretKey(secret)
  return (kind, audience, parts) =>
    createHmac('sha256', key)
      .update(encodeKey(['user-execution-context/pairwise', kind, audience, ...parts]))
      .digest('base64url')
}
