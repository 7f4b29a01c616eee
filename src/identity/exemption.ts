/**
 * The exemption of a context that outlives the proof of its user: for a run that goes on after a sign-out.
 */
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import type { TenantId } from '../facts/ids.ts'
import { isPlainObject } from '../facts/json-copy.ts'
import type { IdentityOrigin } from './identity-origin.ts'
import { fileProof, longestProofMs, type Proof } from './liveness-registry.ts'
import { findReasonIssue } from './reason.ts'

// Captured before any other code can replace them.
const { assign, create, freeze } = Object

/** How long one lasts at most where no registry can end it: a day. */
const unfiledMs = 86_400_000

/** The proof and the identity of a context that was exempted. */
export type Exempt = { readonly proof: Proof; readonly identity: IdentityOrigin }

/**
 * A proof of its own: filed under user and tenant and under no session, it ends at `untilMs`, or when the user or the
 * tenant is revoked. It is no longer than an exemption that the parent has. Undefined when issues were added.
 *
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_REVOKED`, `ERR_CONTEXT_LIVENESS_UNKNOWN`.
 */
export const readExemption = (
  parent: { readonly tenantId: TenantId | undefined; readonly identity: IdentityOrigin },
  proof: Proof,
  value: unknown,
  issues: Issue[],
): Exempt | undefined => {
  const path = 'outlivesIdentity'
  if (!isPlainObject(value)) {
    issues.push({ path, kind: 'not a plain object' })
    return undefined
  }
  const own: Record<string, unknown> = assign(create(null), value)
  const { reason, untilMs } = own
  issues.push(...findUnknownKeys(own, ['reason', 'untilMs'], path))
  const kind = findReasonIssue(reason)
  if (kind !== undefined) issues.push({ path: `${path}.reason`, kind })
  const nowMs = Date.now()
  const latestMs = Math.min(
    parent.identity.outlives?.untilMs ?? Infinity,
    nowMs + (longestProofMs(proof.registry) ?? unfiledMs),
  )
  if (typeof untilMs !== 'number' || !Number.isFinite(untilMs))
    issues.push({ path: `${path}.untilMs`, kind: 'not a number' })
  else if (untilMs <= nowMs) issues.push({ path: `${path}.untilMs`, kind: 'too small' })
  // Beyond it a revocation of the user would be forgotten before the exemption ends.
  else if (untilMs > latestMs) issues.push({ path: `${path}.untilMs`, kind: 'too large' })
  if (issues.length > 0) return undefined
  const { namespace, userId } = proof
  const outlives = freeze({ reason: reason as string, untilMs: untilMs as number })
  const filed = { namespace, userId, tenantId: parent.tenantId, sessionId: undefined }
  return {
    // As old as the proof that it comes from: a revocation that is heard of later must find it.
    proof: fileProof(proof, filed, { expiresAtMs: outlives.untilMs, isExempt: true }),
    identity: freeze({ ...parent.identity, outlives }),
  }
}
