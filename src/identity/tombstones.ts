/**
 * What was revoked: one record for each session, user or tenant, kept until every proof issued before it has ended.
 */
import { ContextError } from '../errors/context-error.ts'
import { KeptMap } from '../facts/assert-sealed.ts'
import { decodeKey, encodeKey, encodeOwner } from '../facts/encode-key.ts'
import type { IdentityEndReason } from './proof.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/** A revocation at rest. Plain JSON. The key holds personal data: keep it where tokens belong, do not log it. */
export type Tombstone = {
  /** Of a session, a user or a tenant, injective. Made by the registry. */
  readonly key: string
  /** Milliseconds since the epoch: proofs that were issued before are refused. */
  readonly notBeforeMs: number
  /** Milliseconds since the epoch: after this every such proof has ended, and the record may be dropped. */
  readonly untilMs: number
  /** Why. */
  readonly reason: Exclude<IdentityEndReason, 'expired'>
}

/** Whom a proof is about: what revocations are found by. */
export type Filed = {
  readonly namespace: string
  readonly tenantId: string | undefined
  readonly userId: string
  readonly sessionId: string | undefined
}

/** The key of all of a tenant. */
export const tenantKey = (namespace: string, tenantId: string): string => encodeKey(['tenant', namespace, tenantId])
/** The key of all of a user: the same id of another tenant or issuer is another user. */
export const userKey = (filed: Omit<Filed, 'sessionId'>): string => `user:${encodeOwner(filed)}`
/** The key of one session of a user: the same session id of another user is another session. */
export const sessionKey = (filed: Filed): string => encodeKey(['session', userKey(filed), filed.sessionId ?? ''])

/** What something is found by. */
export type Place = Pick<Filed, 'sessionId'> & { readonly owner: string; readonly tenant: string | undefined }

let last = ''
/** Where a tenant is: no owner begins with a colon. One text for all who come one after the other. */
export const tenantPlace = (namespace: string, tenantId: string): string => {
  const place = `:${tenantKey(namespace, tenantId)}`
  return place === last ? last : (last = place)
}

/** A class of its own: what is filed may be a Set. */
class Several<Item> extends Set<Item> {}

/** Finds what is filed. */
export class FiledIndex<Item extends Place> {
  // Most places have one item: a set of one would cost more than the item.
  readonly #items = new KeptMap<string, Item | Several<Item>>()

  add(item: Item): void {
    for (const place of placesOf(item)) {
      const before = this.#items.get(place)
      if (before === undefined) this.#items.set(place, item)
      else if (before instanceof Several) before.add(item)
      else this.#items.set(place, new Several([before, item]))
    }
  }

  /** An item that is not there changes nothing. */
  delete(item: Item): void {
    for (const place of placesOf(item)) {
      const before = this.#items.get(place)
      if (before instanceof Several) before.delete(item)
      if (before === item || (before instanceof Several && before.size === 0)) this.#items.delete(place)
    }
  }

  /** By the key of a session, a user or a tenant. A copy, so that items may be taken out meanwhile. */
  find(key: string): readonly Item[] {
    const [kind, user, session] = decodeKey(key)
    const ofUser = kind === 'session' ? user! : key
    const found = this.#items.get(kind === 'tenant' ? `:${key}` : ofUser.slice('user:'.length))
    const items = found === undefined ? [] : found instanceof Several ? [...found] : [found]
    // What was exempted from the end of its session is filed under none.
    return kind === 'session'
      ? items.filter(({ sessionId }) => sessionId !== undefined && sessionId === session)
      : items
  }
}

function placesOf({ owner, tenant }: Place): readonly string[] {
  return tenant === undefined ? [owner] : [owner, tenant]
}

/** Session records of one user beyond which the user is signed out everywhere: nobody fills the memory of all. */
const maxSessionsOfUser = 1000

/** The records of a registry, bounded. */
export class Tombstones {
  readonly #byKey = new KeptMap<string, Tombstone>()
  readonly #sessionsOf = new KeptMap<string, Set<string>>()
  /** By key, the latest issue of a proof that was still to come when the proof was filed. */
  readonly #aheadMs = new KeptMap<string, number>()
  readonly #maxTombstones: number
  readonly #maxProofMs: number

  constructor(maxTombstones: number, maxProofMs: number) {
    this.#maxTombstones = maxTombstones
    this.#maxProofMs = maxProofMs
  }

  /**
   * Notes a proof that is dated in the future. The clock of its issuer is ahead: presented again after a revocation, it
   * would seem to be of a sign-in since.
   */
  noteAhead(filed: Filed, issuedAtMs: number, nowMs: number): void {
    for (const [key, aheadMs] of this.#aheadMs) {
      if (aheadMs > nowMs) break
      this.#aheadMs.delete(key)
    }
    const keys = keysOf(filed)
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!
      const latestMs = Math.max(issuedAtMs, this.#aheadMs.get(key) ?? 0)
      // At the end, so that the oldest are first.
      this.#aheadMs.delete(key)
      this.#aheadMs.set(key, latestMs)
    }
  }

  /**
   * Proofs issued before this time are refused: one millisecond after the revocation, so that one of that very
   * millisecond is refused too, and after every proof of the target that this process has seen.
   */
  toNotBeforeMs(key: string, revokedAtMs: number): number {
    return Math.floor(Math.max(revokedAtMs, this.#aheadMs.get(key) ?? 0)) + 1
  }

  /**
   * Adds a record, or makes one stricter. Gives what is kept: with a thousand sessions, that of the user.
   *
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_REVOCATIONS`.
   */
  add(tombstone: Tombstone, nowMs: number): Tombstone {
    this.#prune(nowMs)
    const user = userOfSession(tombstone.key)
    const sessions = user === undefined ? undefined : this.#sessionsOf.get(user)
    if (user !== undefined && sessions !== undefined && sessions.size >= maxSessionsOfUser) {
      let { notBeforeMs, untilMs } = tombstone
      for (const key of sessions) {
        // As strict as each of them: they are not heard of in the order in which they were made.
        const replaced = this.#byKey.get(key)!
        notBeforeMs = Math.max(notBeforeMs, replaced.notBeforeMs)
        untilMs = Math.max(untilMs, replaced.untilMs)
        this.#byKey.delete(key)
      }
      this.#sessionsOf.delete(user)
      const reason = tombstone.reason === 'session_revoked' ? 'user_revoked' : tombstone.reason
      return this.add({ key: user, notBeforeMs, untilMs, reason }, nowMs)
    }
    const known = this.#byKey.get(tombstone.key)
    if (known === undefined && this.#byKey.size >= this.#maxTombstones)
      throw new ContextError('ERR_CONTEXT_TOO_MANY_REVOCATIONS')
    // Another process has not seen what this one has.
    const laterMs = Math.max(0, this.toNotBeforeMs(tombstone.key, 0) - tombstone.notBeforeMs)
    const notBeforeMs = Math.max(known?.notBeforeMs ?? 0, tombstone.notBeforeMs + laterMs)
    const untilMs = Math.max(known?.untilMs ?? 0, this.endOf({ notBeforeMs, untilMs: tombstone.untilMs + laterMs }))
    const merged: Tombstone = freeze({ ...tombstone, notBeforeMs, untilMs })
    // At the end, so that the oldest are first.
    this.#byKey.delete(tombstone.key)
    this.#byKey.set(tombstone.key, merged)
    if (user !== undefined) this.#sessionsOf.set(user, (sessions ?? new Set()).add(tombstone.key))
    return merged
  }

  /** When a record ends: proofs may last longer here than where it was written. */
  endOf({ notBeforeMs, untilMs }: Pick<Tombstone, 'notBeforeMs' | 'untilMs'>): number {
    return Math.max(untilMs, notBeforeMs + this.#maxProofMs)
  }

  /** Whether a record, or a stricter one, is there. */
  has({ key, notBeforeMs, untilMs }: Tombstone): boolean {
    const known = this.#byKey.get(key)
    return known !== undefined && known.notBeforeMs >= notBeforeMs && known.untilMs >= untilMs
  }

  /** Whether it still counts, and no record of its user is as strict. */
  isNews(tombstone: Tombstone, nowMs: number): boolean {
    if (this.endOf(tombstone) <= nowMs) return false
    const user = userOfSession(tombstone.key)
    return user === undefined || !this.has({ ...tombstone, key: user })
  }

  /** What refuses a proof: a record of its session, user or tenant, unless the proof was issued after it. */
  find(filed: Filed, issuedAtMs: number | undefined, nowMs: number): Tombstone | undefined {
    if (this.#byKey.size === 0) return undefined
    // By index, here and wherever something is refused: no patched method or iterator can say that nothing was found.
    const keys = keysOf(filed)
    for (let index = 0; index < keys.length; index++) {
      const found = this.#byKey.get(keys[index]!)
      if (found !== undefined && found.untilMs > nowMs && !isIssuedAfter(issuedAtMs, found)) return found
    }
    return undefined
  }

  #prune(nowMs: number): void {
    for (const [key, { untilMs }] of this.#byKey) {
      if (untilMs > nowMs) return
      this.#byKey.delete(key)
      const user = userOfSession(key)
      const sessions = user === undefined ? undefined : this.#sessionsOf.get(user)
      sessions?.delete(key)
      if (sessions?.size === 0) this.#sessionsOf.delete(user!)
    }
  }
}

/** All that a proof is revoked by. */
function keysOf(filed: Filed): readonly string[] {
  const { namespace, tenantId, sessionId } = filed
  const keys = [userKey(filed)]
  if (sessionId !== undefined) keys[keys.length] = sessionKey(filed)
  if (tenantId !== undefined) keys[keys.length] = tenantKey(namespace, tenantId)
  return keys
}

function userOfSession(key: string): string | undefined {
  const [kind, user] = decodeKey(key)
  return kind === 'session' ? user : undefined
}

/** Whether a record does not hold for a proof, because it was issued since. */
export function isIssuedAfter(issuedAtMs: number | undefined, { notBeforeMs }: Tombstone): boolean {
  return issuedAtMs !== undefined && issuedAtMs >= notBeforeMs
}
