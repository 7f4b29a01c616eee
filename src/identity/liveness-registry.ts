/**
 * The registry that live proofs are filed in: what ends when a session, a user or a tenant is revoked. liveSessions()
 * is its public form.
 */
import { ContextError } from '../errors/context-error.ts'
import { encodeOwner } from '../facts/encode-key.ts'
import { EndTimer } from './end-timer.ts'
import { followRevocations } from './follow-revocations.ts'
import { isProofEnded, proofEndsAtMs, takeProofChanges, toEndError } from './proof.ts'
import type { IdentityWatcher, Lease, ProofFacts, ProofOf } from './proof.ts'
import { parseLiveOptions, type LiveSessionsOptions, type RevocationStore } from './live-options.ts'
import { FiledIndex, isIssuedAfter, tenantPlace, Tombstones } from './tombstones.ts'
import type { Filed, Place, Tombstone } from './tombstones.ts'

const { freeze } = Object // Captured before any other code can replace it.
/** When a proof ends, milliseconds since the epoch. */
export type ProofEnd = {
  readonly expiresAtMs: number | undefined
  /** Whether it outlives the proof that it comes from: the longest life of a proof then counts from now on. */
  readonly isExempt: boolean
}
/** What a verified user and all contexts of theirs share. */
export type Proof = ProofOf<LivenessRegistry>
type Facts = ProofFacts<LivenessRegistry>
/** A proof that was filed. What it is found by stands here too: when the proof is forgotten, nothing else says it. */
type Entry = Place & {
  /** Held while somebody waits for its end, and else weakly. Undefined once it has ended. */
  proof: Proof | WeakRef<Proof> | undefined
  endsAtMs: number
}

const change = takeProofChanges()
let fileIn: (registry: LivenessRegistry, facts: Facts, filed: Filed, end: ProofEnd) => Proof
let registryChange: {
  /** What the constructor takes. */
  readonly token: symbol
  /** Revokes what is filed under a key. Resolves, once durable, to the number of proofs that it ended. */
  readonly revoke: (registry: LivenessRegistry, key: string, reason: Tombstone['reason']) => Promise<number>
  /** Moves the end of a proof that is live to that of a newer one. The caller has compared the two. */
  readonly extend: (registry: LivenessRegistry, proof: Proof, newer: Proof) => void
  readonly isKnown: (registry: LivenessRegistry) => boolean
  readonly close: (registry: LivenessRegistry) => void
}
let isRevokedIn: (registry: LivenessRegistry, filed: Filed, issuedAtMs: number | undefined) => boolean
/** Holds a proof, by itself or weakly, unless it has ended. What weak ones need would be most of a socket's entry. */
let hold: (registry: LivenessRegistry, proof: Proof, held: Proof | WeakRef<Proof>) => void
let maxProofMsOf: (registry: LivenessRegistry) => number
let isMinted: (value: unknown) => value is LivenessRegistry

/** Proofs are held weakly, unless somebody waits for their end; revocations strongly, and bounded. */
export class LivenessRegistry {
  /** Never set. Its name is what tsc prints for a value that is no registry. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call liveSessions() to obtain LiveSessions': never
  readonly #maxProofMs: number
  readonly #store: RevocationStore | undefined
  readonly #tombstones: Tombstones
  readonly #lease: Lease
  readonly #entries = new FiledIndex<Entry>()
  readonly #timer = new EndTimer<Entry>((entry) => this.#endExpired(entry))
  readonly #forgotten = new FinalizationRegistry<Entry>((entry) => this.#forget(entry))
  readonly #close: () => void

  protected 'constructor'(secret: symbol, options: LiveSessionsOptions) {
    if (secret !== registryChange.token) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    const { maxProofMs, store, staleAfterMs, maxTombstones } = parseLiveOptions(options)
    this.#maxProofMs = maxProofMs
    this.#store = store
    this.#tombstones = new Tombstones(maxTombstones, maxProofMs)
    const nowMs = Date.now()
    // The oldest first, as they are forgotten; those that no longer count are forgotten by the next.
    const end = (tombstone: Tombstone): number => this.#tombstones.endOf(tombstone)
    for (const tombstone of [...(store?.tombstones ?? [])].sort((one, other) => end(one) - end(other)))
      this.#tombstones.add(tombstone, nowMs)
    // A feed says again what it has said. A user who has signed in since then stays.
    const hear = (found: Tombstone): number => (this.#tombstones.isNews(found, Date.now()) ? this.#end(found) : 0)
    const followed = store?.follow === undefined ? undefined : followRevocations(store, staleAfterMs, hear)
    this.#lease = followed?.lease ?? { isUnknown: false, isOverdue: () => false }
    this.#close = () => {
      followed?.stop()
      this.#timer.close()
      this.#lease.isUnknown = true
    }
    freeze(this)
  }

  static {
    fileIn = (registry, facts, filed, end) => registry.#file(facts, filed, end)
    registryChange = {
      token: Symbol('maker of registries'),
      revoke: (registry, key, reason) => registry.#revoke(key, reason),
      extend: (registry, proof, newer) => {
        change.extend(proof, newer)
        const entry = entryOf(proof)
        registry.#timer.delete(entry, entry.endsAtMs)
        entry.endsAtMs = proofEndsAtMs(proof)
        registry.#timer.set(entry, entry.endsAtMs)
      },
      isKnown: (registry) => registry.#isKnown(),
      close: (registry) => registry.#close(),
    }
    isRevokedIn = (registry, filed, issuedAtMs) =>
      registry.#tombstones.find(filed, issuedAtMs, Date.now()) !== undefined
    hold = (registry, proof, held) => {
      const entry = entryOf(proof)
      if (entry.proof === undefined) return
      entry.proof = held
      if (held === proof) registry.#forgotten.unregister(entry)
      else registry.#forgotten.register(proof, entry, entry)
    }
    maxProofMsOf = (registry) => registry.#maxProofMs
    isMinted = (value): value is LivenessRegistry => typeof value === 'object' && value !== null && #tombstones in value
    freeze(LivenessRegistry.prototype)
  }

  /** In one tick: a revocation before it is found here, one after it finds the proof. */
  #file(facts: Facts, filed: Filed, { expiresAtMs, isExempt }: ProofEnd): Proof {
    const nowMs = Date.now()
    if (!this.#isKnown()) throw new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN')
    // A clock that runs ahead must not carry a proof over a revocation of this moment.
    const issued = facts.issuedAtMs === undefined ? undefined : Math.min(facts.issuedAtMs, nowMs)
    const endsAtMs = Math.min(expiresAtMs ?? Infinity, (isExempt ? nowMs : (issued ?? nowMs)) + this.#maxProofMs)
    if (endsAtMs <= nowMs) throw toEndError('expired')
    const found = this.#tombstones.find(filed, issued, nowMs)
    if (found !== undefined) throw toEndError(found.reason)
    if (facts.issuedAtMs !== undefined && facts.issuedAtMs > nowMs)
      this.#tombstones.noteAhead(filed, facts.issuedAtMs, nowMs)
    const tenant = filed.tenantId && tenantPlace(filed.namespace, filed.tenantId)
    const entry: Entry = { proof: undefined, owner: encodeOwner(filed), sessionId: filed.sessionId, tenant, endsAtMs }
    const proof = (entry.proof = change.open(facts, endsAtMs, this.#lease, entry))
    this.#entries.add(entry)
    hold(this, proof, new WeakRef(proof))
    this.#timer.set(entry, endsAtMs)
    return proof
  }

  #isKnown(): boolean {
    return !this.#lease.isUnknown && !this.#lease.isOverdue()
  }

  async #revoke(key: string, reason: Tombstone['reason']): Promise<number> {
    const notBeforeMs = this.#tombstones.toNotBeforeMs(key, Date.now())
    const tombstone = { key, notBeforeMs, untilMs: notBeforeMs + this.#maxProofMs, reason }
    // In memory first: a disk that is full must not keep a session alive.
    const ended = this.#end(tombstone)
    await this.#store?.write(freeze(tombstone))
    return ended
  }

  #end(tombstone: Tombstone): number {
    if (this.#tombstones.has(tombstone)) return 0
    let ended = 0
    let kept = tombstone
    try {
      // First, so that a listener of an end below brings nobody back.
      kept = this.#tombstones.add(tombstone, Date.now())
    } finally {
      // Also where there is no room for the record.
      ended = this.#endFiled(tombstone.key, tombstone.reason)
    }
    // Of a user with too many sessions all are refused from now on: those that live would go on while none can begin.
    if (kept.key === tombstone.key) return ended
    return ended + this.#endFiled(kept.key, kept.reason, (proof) => !isIssuedAfter(proof.issuedAtMs, kept))
  }

  #endFiled(key: string, reason: Tombstone['reason'], isMeant: (proof: Proof) => boolean = () => true): number {
    let ended = 0
    for (const entry of this.#entries.find(key)) {
      const proof = proofOf(entry)
      if (proof !== undefined && !isMeant(proof)) continue
      this.#forget(entry)
      if (proof !== undefined && change.end(proof, reason)) ended++
    }
    return ended
  }

  #endExpired(entry: Entry): void {
    const proof = proofOf(entry)
    this.#forget(entry)
    if (proof) change.end(proof, 'expired')
  }

  #forget(entry: Entry): void {
    this.#timer.delete(entry, entry.endsAtMs)
    this.#entries.delete(entry)
    // What waits for its proof to be forgotten holds the entry.
    entry.proof = undefined
  }
}

/** Of a proof that has a registry. */
const entryOf = (proof: Proof): Entry => change.entryOf(proof) as Entry
const proofOf = ({ proof }: Entry): Proof | undefined => (proof instanceof WeakRef ? proof.deref() : proof)

let handedOver = false
/** Hands out what makes and changes a registry, once: a second caller has imported this file by its path. */
export const takeRegistryChanges = (): typeof registryChange => {
  if (handedOver) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
  handedOver = true
  return registryChange
}

/** Whether a value is a registry that liveSessions() made. */
export const isLivenessRegistry = (value: unknown): value is LivenessRegistry => isMinted(value)

/**
 * Makes a proof and files it in its registry, if it has one.
 *
 * @param filed - What revocations find it by: an exempted one by no session.
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_REVOKED`, `ERR_CONTEXT_IDENTITY_EXPIRED`,
 *   `ERR_CONTEXT_LIVENESS_UNKNOWN`.
 */
export const fileProof = (facts: Facts, filed: Filed, end: ProofEnd): Proof => {
  if (facts.registry !== undefined) return fileIn(facts.registry, facts, filed, end)
  if (end.expiresAtMs !== undefined && end.expiresAtMs <= Date.now()) throw toEndError('expired')
  return change.open(facts, end.expiresAtMs ?? Infinity)
}

/** Whether a proof that was issued then is refused now. */
export const isRevoked = (
  registry: LivenessRegistry | undefined,
  filed: Filed,
  issuedAtMs: number | undefined,
): boolean => registry !== undefined && isRevokedIn(registry, filed, issuedAtMs)

/** The longest life of a proof that is filed there. */
export const longestProofMs = (registry: LivenessRegistry | undefined): number | undefined =>
  registry && maxProofMsOf(registry)

/** The timer of proofs in no registry, whose end never moves. They are in it while somebody waits for their end. */
const unfiled = new EndTimer<Proof>((proof) => void change.end(proof, 'expired'))

/** Tells a watcher of the end of the identity: at once when it has ended. */
export const watchProof = (proof: Proof, watcher: IdentityWatcher): void => {
  if (proof.registry === undefined && proofEndsAtMs(proof) <= Date.now()) change.end(proof, 'expired')
  if (isProofEnded(proof)) {
    const reason = change.endOf(proof)!
    return watcher.identityEnded(toEndError(reason), reason)
  }
  if (proof.registry === undefined) unfiled.set(proof, proofEndsAtMs(proof))
  else hold(proof.registry, proof, proof)
  change.watch(proof, watcher)
}

/** Tells a watcher no more. */
export const unwatchProof = (proof: Proof, watcher: IdentityWatcher): void => {
  if (!change.unwatch(proof, watcher)) return
  if (proof.registry === undefined) unfiled.delete(proof, proofEndsAtMs(proof))
  else hold(proof.registry, proof, new WeakRef(proof))
}
