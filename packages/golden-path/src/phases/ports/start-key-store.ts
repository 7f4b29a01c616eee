/**
 * The port of idempotent starts: which start an idempotency key named. startKeyStoreContract() tests an implementation.
 */
import type { Awaitable } from './awaitable.ts'
import type { RunRecord } from './event-log.ts'

/** A start that has a key. Digests only: nothing that a client sent. */
export type StartKey = {
  /** From toOwnerKey() of a context. Personal data: do not log. */
  readonly ownerKey: string
  /** Of owner, scope and key: 32 bytes as base64. */
  readonly digest: string
  /** Of the input that the start had: 32 bytes as base64. */
  readonly inputDigest: string
}

/**
 * What a claim comes to: this start goes ahead; another one did, with its run; another one had another input; or there
 * is no room, under the limit that is named.
 */
export type StartClaim =
  | { readonly state: 'claimed' }
  | { readonly state: 'started'; readonly run: RunRecord }
  | { readonly state: 'reused' }
  | { readonly state: 'full'; readonly limit: 'idempotencyKeysPerUser' | 'idempotencyKeys' }

/**
 * Remembers starts. Two claims of one key at the same time are not both let in: the second waits until the first is
 * confirmed or released. A key is kept as long as its run, and at least 24 hours.
 */
export type StartKeyStore = {
  /** Claims a key for a run that is about to start. Rejects when the store cannot be asked: then nothing starts. */
  readonly claim: (key: StartKey, run: RunRecord) => Awaitable<StartClaim>
  /** Says that the run has started. */
  readonly confirm: (key: StartKey, run: RunRecord) => Awaitable<void>
  /** Says that the start was refused, and forgets it. Changes nothing for a run that did not claim the key. */
  readonly release: (key: StartKey, run: RunRecord) => Awaitable<void>
}
