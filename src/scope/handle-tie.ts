/**
 * Which identity a handle ends with, and whether that has ended.
 */
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { isRevoked, type Proof } from '../identity/liveness-registry.ts'
import { proofEndsAtMs } from '../identity/proof.ts'
import type { HandleTie } from './handle-store.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/** The tie to the identity of a context. */
export const toTie = (context: UserExecutionContext, proof: Proof): HandleTie => {
  const { issuedAtMs, provenAtMs, sessionId } = proof
  const endsAtMs = proofEndsAtMs(proof)
  return freeze({
    ...(endsAtMs !== Infinity && { endsAtMs }),
    // Never later than when it was verified: an issuer whose clock is ahead must not carry it over a revocation.
    ...(issuedAtMs !== undefined && { issuedAtMs: provenAtMs }),
    // A context that was exempted outlives the sign-out of its own session.
    ...(sessionId !== undefined && context.identity.outlives === undefined && { sessionId }),
  })
}

/** Whether one tie ends later than another. */
export const endsLater = (one: HandleTie, other: HandleTie): boolean =>
  (one.endsAtMs ?? Infinity) > (other.endsAtMs ?? Infinity)

/** Whether two ties are to the same identity. */
export const isSameTie = (one: HandleTie, other: HandleTie): boolean =>
  one.endsAtMs === other.endsAtMs && one.issuedAtMs === other.issuedAtMs && one.sessionId === other.sessionId

/**
 * Whether the identity of a tie has ended, by its time, or by a revocation that the registry of the asking context, of
 * the same owner, has heard of: a sign-out in another process, after which the user has signed in again.
 */
export const hasTieEnded = (tie: HandleTie, context: UserExecutionContext, { registry, ...proof }: Proof): boolean =>
  (tie.endsAtMs ?? Infinity) <= Date.now() ||
  isRevoked(
    registry,
    { namespace: proof.namespace, tenantId: context.tenantId, userId: proof.userId, sessionId: tie.sessionId },
    tie.issuedAtMs,
  )
