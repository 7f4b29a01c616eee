/**
 * What a user and their contexts share and do not print: who was verified, when the proof ends, whether it has.
 *
 * The attack it stops: a proof that is checked once and believed without an end. Nothing outside can lengthen it: the
 * functions that make and change a proof are handed over once, to the registry, when this package loads.
 */
import { ContextError } from '../errors/context-error.ts'
import type { SessionId, UserId } from '../facts/ids.ts'

const { freeze } = Object

/** Who was verified. Personal data: never an own enumerable property of what is printed. */
export type ProofFacts<Registry> = {
  /** Whose subjects the user id is one of. */
  readonly namespace: string
  readonly userId: UserId
  readonly sessionId: SessionId | undefined
  /** Where it is filed. */
  readonly registry: Registry | undefined
  readonly issuedAtMs: number | undefined
  /** When it was issued, or verified if that was earlier; a renewal moves it. A hop carries it on. */
  readonly provenAtMs: number
}

/** How far an issuer's clock may be ahead (RFC 7519 section 4.1.5). */
const maxAheadMs = 300_000

/**
 * When a proof was issued, now at the latest: no clock that is ahead carries it over a revocation of this moment.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_IDENTITY` when it is later than a clock may be ahead.
 */
export const toProvenAtMs = (issuedAtMs: number): number => {
  const nowMs = Date.now()
  if (issuedAtMs <= nowMs) return issuedAtMs
  if (issuedAtMs <= nowMs + maxAheadMs) return nowMs
  throw new ContextError('ERR_CONTEXT_INVALID_IDENTITY', {
    issues: [{ path: 'issuedAtMs', kind: 'too large' }],
    fix:
      'issuedAtMs says when the proof was issued, such as the iat of a JWT times 1000: not when it ends. Clocks may ' +
      'differ by 5 minutes: set that of the issuer or of this machine.',
  })
}

/** Why an identity ended: its proof's time is over, somebody signed out, or a right was taken away. */
export type IdentityEndReason = 'expired' | 'session_revoked' | 'user_revoked' | 'tenant_revoked' | 'rights_changed'
/** The error that says so. */
export type IdentityEndError = ContextError<'ERR_CONTEXT_IDENTITY_EXPIRED' | 'ERR_CONTEXT_IDENTITY_REVOKED'>
/** Called once, when the identity ends. */
export type IdentityEndListener = (error: IdentityEndError, reason: IdentityEndReason) => void
/** Hears of the end of an identity by a method: an object that is there anyway needs no function of its own. */
export type IdentityWatcher = {
  /** Called once, when the identity ends. Must not throw: what it throws is reported as an uncaught error. */
  identityEnded(error: IdentityEndError, reason: IdentityEndReason): void
}

/** Whether a registry still hears of revocations. One for all proofs of the registry. */
export type Lease = {
  /** What a timer flips: cheap to read, up to 250 ms late. */
  isUnknown: boolean
  /** Looks at the clock. */
  readonly isOverdue: () => boolean
}

let isLive: (proof: Proof) => boolean
let assertLive: (proof: Proof) => void
let assertKnown: (proof: Proof) => void
let begin: (proof: Proof) => number
let endsAtMs: (proof: Proof) => number
let shownEndMs: (proof: Proof) => number | undefined
let isEnded: (proof: Proof) => boolean
let change: {
  /** With what its registry keeps for it. */
  open: <Registry>(facts: ProofFacts<Registry>, endsAtMs: number, lease?: Lease, entry?: object) => ProofOf<Registry>
  entryOf: (proof: Proof) => unknown
  end: (proof: Proof, reason: IdentityEndReason) => boolean
  extend: (proof: Proof, newer: Proof) => void
  endOf: (proof: Proof) => IdentityEndReason | undefined
  watch: (proof: Proof, watcher: IdentityWatcher) => void
  /** Says whether nobody watches any more. */
  unwatch: (proof: Proof, watcher: IdentityWatcher) => boolean
}

/** Of a proof that has ended. */
const ended: Lease = freeze({ isUnknown: true, isOverdue: () => true })

/** A watcher may be a Set. */
class Several extends Set<IdentityWatcher> {}

/** Facts and end in one object: each idle socket has a proof of its own. */
class ProofOf<Registry> implements ProofFacts<Registry> {
  readonly namespace: string
  readonly userId: UserId
  readonly sessionId: SessionId | undefined
  readonly registry: Registry | undefined
  readonly issuedAtMs: number | undefined
  #provenAtMs: number
  #endsAtMs: number
  #ended: IdentityEndReason | undefined
  /** Of the registry; after the end, one that says so: the flag is one read. */
  #lease: Lease | undefined
  readonly #entry: object | undefined
  /** Most proofs have one: a set would be most of what an idle socket costs. */
  #watchers: IdentityWatcher | Several | undefined

  private constructor(facts: ProofFacts<Registry>, endsAtMs: number, lease?: Lease, entry?: object) {
    this.namespace = facts.namespace
    this.userId = facts.userId
    this.sessionId = facts.sessionId
    this.registry = facts.registry
    this.issuedAtMs = facts.issuedAtMs
    this.#provenAtMs = facts.provenAtMs
    this.#endsAtMs = endsAtMs
    this.#ended = undefined
    this.#lease = lease
    this.#entry = entry
    this.#watchers = undefined
    freeze(this)
  }

  get provenAtMs(): number {
    return this.#provenAtMs
  }

  static {
    // No way back to the class.
    Object.defineProperty(ProofOf.prototype, 'constructor', { value: Object })
    freeze(ProofOf.prototype)
    // A registry flips the flag in time.
    isLive = (proof) => {
      const lease = proof.#lease
      return lease === undefined ? Date.now() < proof.#endsAtMs : !lease.isUnknown
    }
    assertLive = (proof) => {
      const lease = proof.#lease
      if (lease === undefined ? Date.now() < proof.#endsAtMs : !lease.isUnknown) return
      assertKnown(proof)
      throw toEndError('expired')
    }
    assertKnown = (proof) => {
      if (proof.#ended !== undefined) throw toEndError(proof.#ended)
      if (proof.#lease?.isUnknown) throw new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN')
    }
    begin = (proof) => {
      const nowMs = Date.now()
      if (proof.#lease !== undefined) {
        assertKnown(proof)
        if (proof.#lease?.isOverdue()) throw new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN')
      }
      if (proof.#endsAtMs <= nowMs) throw toEndError('expired')
      return nowMs
    }
    endsAtMs = (proof) => proof.#endsAtMs
    shownEndMs = (proof) => (proof.#endsAtMs === Infinity ? undefined : proof.#endsAtMs)
    isEnded = (proof) => proof.#ended !== undefined
    change = {
      open: (facts, endsAtMs, lease, entry) => new ProofOf(facts, endsAtMs, lease, entry),
      entryOf: (proof) => proof.#entry,
      end: (proof, reason) => {
        if (proof.#ended !== undefined) return false
        proof.#ended = reason
        proof.#lease = ended
        const watchers = proof.#watchers instanceof Several ? proof.#watchers : [proof.#watchers]
        for (const watcher of watchers) if (watcher !== undefined) tell(watcher, reason)
        proof.#watchers = undefined
        return true
      },
      extend: (proof, newer) => {
        proof.#endsAtMs = Math.max(proof.#endsAtMs, newer.#endsAtMs)
        // Else its texts are too old to open.
        proof.#provenAtMs = Math.max(proof.#provenAtMs, newer.#provenAtMs)
      },
      endOf: (proof) => proof.#ended,
      watch: (proof, watcher) => {
        const before = proof.#watchers
        if (before === undefined) proof.#watchers = watcher
        else if (before instanceof Several) before.add(watcher)
        else proof.#watchers = new Several([before, watcher])
      },
      unwatch: (proof, watcher) => {
        const before = proof.#watchers
        if (before instanceof Several) {
          before.delete(watcher)
          return before.size === 0
        }
        if (before === watcher) proof.#watchers = undefined
        return before === watcher
      },
    }
  }
}

export type { ProofOf }

/** A proof, wherever it is filed. */
type Proof = ProofOf<unknown>

/** Whether the identity is live, by the flag if it has one. */
export const isProofLive: (proof: Proof) => boolean = isLive
/** Refuses one that has ended, by the flag if it has one. */
export const assertProofLive: (proof: Proof) => void = assertLive
/** Refuses an identity that has ended by now, exactly, and gives the time: for what begins. */
export const toBeginning = (proof: Proof): number => begin(proof)
/** When the proof ends, as renewals have moved it: epoch milliseconds; Infinity for never. */
export const proofEndsAtMs = (proof: Proof): number => endsAtMs(proof)
/** The same; undefined for never. */
export const toShownEndMs = (proof: Proof): number | undefined => shownEndMs(proof)
/** Whether the end was noticed. */
export const isProofEnded = (proof: Proof): boolean => isEnded(proof)

/** The error for an end. */
export const toEndError = (reason: IdentityEndReason): IdentityEndError => {
  if (reason === 'expired') return new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
  return reason === 'rights_changed'
    ? new ContextError('ERR_CONTEXT_IDENTITY_REVOKED', {
        fix: 'A right of the user was taken away: ask the user to sign in again, which gives the rights of today.',
      })
    : new ContextError('ERR_CONTEXT_IDENTITY_REVOKED')
}

let handedOver = false
/** Once: a second caller imported this file by its path. */
export const takeProofChanges = (): typeof change => {
  if (handedOver) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
  handedOver = true
  return change
}

function tell(watcher: IdentityWatcher, reason: IdentityEndReason): void {
  try {
    watcher.identityEnded(toEndError(reason), reason)
  } catch (error) {
    // As the platform does: the others are called, and it is reported.
    queueMicrotask(() => {
      throw error
    })
  }
}
