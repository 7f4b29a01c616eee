/**
 * What liveSessions() takes, and the check of it.
 */
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import type { Tombstone } from './tombstones.ts'

/** What a feed of revocations tells the registry of this process. */
export type RevocationListener = {
  /** Another process revoked this. Proofs of it end at once; a record that is known already changes nothing. */
  readonly revoked: (tombstone: Tombstone) => void
  /** The feed is heard, and everything before was told. Call it at least every `staleAfterMs`. */
  readonly heard: () => void
}

/**
 * The port behind a registry: where revocations rest, and how other processes hear of them. Without one they live in
 * the memory of this process and are forgotten at its end.
 */
export type RevocationStore = {
  /** Revocations that were stored before. Default none. */
  readonly tombstones?: readonly Tombstone[] | undefined
  /** Stores one. Resolves once it is durable: only then is anybody told that they are signed out. */
  readonly write: (tombstone: Tombstone) => Promise<void>
  /**
   * Follows the revocations of other processes. Returns a function that stops. Default: there are no other processes.
   */
  readonly follow?: ((listener: RevocationListener) => () => void) | undefined
}

/** Options of liveSessions(). */
export type LiveSessionsOptions = {
  /**
   * The longest time from the issue of a proof to its end, in milliseconds, 1,000 to 31,622,400,000 (366 days). A proof
   * that says longer ends then. A revocation is kept as long: without `issuedAtMs` the registry cannot see when a proof
   * was issued, so it must be at least what your provider gives.
   */
  readonly maxProofMs: number
  /** Where revocations rest. Default: in memory. */
  readonly store?: RevocationStore | undefined
  /**
   * With `store.follow`: how long the feed may be silent, in milliseconds, 100 to 3,600,000. Then nothing new begins
   * (`ERR_CONTEXT_LIVENESS_UNKNOWN`), and what is open stays. Default 10,000.
   */
  readonly staleAfterMs?: number | undefined
  /**
   * Revocations kept in memory, 1 to 10,000,000. When full, a revocation is refused, and never forgotten. Default
   * 1,000,000.
   */
  readonly maxTombstones?: number | undefined
}

const keys: readonly string[] = ['maxProofMs', 'store', 'staleAfterMs', 'maxTombstones']

/** The options, complete. Each is read once. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseLiveOptions = (options: LiveSessionsOptions): LiveSessionsOptions & Checked => {
  // Own properties only: a polluted Object.prototype must not choose a store.
  const own: Partial<Record<string, unknown>> = Object.assign(Object.create(null), options)
  const { maxProofMs, store, staleAfterMs = 10_000, maxTombstones = 1_000_000 } = own as Partial<LiveSessionsOptions>
  const issues = findUnknownKeys(own, keys)
  checkRange(maxProofMs, 'maxProofMs', 1_000, 366 * 86_400_000, issues)
  checkRange(staleAfterMs, 'staleAfterMs', 100, 3_600_000, issues)
  checkRange(maxTombstones, 'maxTombstones', 1, 10_000_000, issues)
  if (store !== undefined) {
    if (typeof store?.write !== 'function') issues.push({ path: 'store.write', kind: 'not a function' })
    if (store?.follow !== undefined && typeof store.follow !== 'function')
      issues.push({ path: 'store.follow', kind: 'not a function' })
    if (store?.tombstones !== undefined && !(Array.isArray(store.tombstones) && store.tombstones.every(isTombstone)))
      issues.push({ path: 'store.tombstones', kind: 'does not fit' })
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  return { maxProofMs: maxProofMs!, store, staleAfterMs, maxTombstones }
}

type Checked = { readonly staleAfterMs: number; readonly maxTombstones: number }

const reasons: readonly unknown[] = ['session_revoked', 'user_revoked', 'tenant_revoked', 'rights_changed']

/** Whether a value is a record that a registry wrote. */
export const isTombstone = (value: unknown): value is Tombstone => {
  if (typeof value !== 'object' || value === null) return false
  const { key, notBeforeMs, untilMs, reason } = value as Partial<Tombstone>
  return (
    typeof key === 'string' &&
    /^(?:user|session|tenant):/.test(key) &&
    Number.isFinite(notBeforeMs) &&
    Number.isFinite(untilMs) &&
    reasons.includes(reason)
  )
}

function checkRange(value: unknown, path: string, least: number, most: number, issues: Issue[]): void {
  if (typeof value !== 'number' || Number.isNaN(value)) issues.push({ path, kind: 'not a number' })
  else if (value < least) issues.push({ path, kind: 'too small' })
  else if (value > most) issues.push({ path, kind: 'too large' })
}
