/**
 * What an identity still gives when its text is opened later: as it was, or what the user may do today.
 */
import { ContextError } from 'user-execution-context'
import type { OpenOptions } from './open-options.ts'
import type { Claims } from './text/claims.ts'
import { ownOptions } from './text/own-options.ts'

/** What the opened context may do, and until when. */
export type Rights = {
  readonly permissions: readonly string[]
  readonly expiresAtMs: number | undefined
  /** When somebody was asked and said so: then it is no longer the proof of the session in which it was sealed. */
  readonly renewedAtMs: number | undefined
}

/** How long an answer of reauthorize() without an end is good for. */
const usualMs = 900_000

/** The rights of a text as it was sealed. */
export const sealedRights = ({ permissions, identityEndsAtMs }: Claims): Rights => ({
  permissions,
  expiresAtMs: identityEndsAtMs,
  renewedAtMs: undefined,
})

/**
 * The rights of today, for a text whose identity has ended, or is older than proofs live here.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_REAUTHORIZATION`; what the callback throws.
 */
export const reauthorizeIdentity = async (
  claims: Claims,
  reauthorize: NonNullable<OpenOptions['reauthorize']>,
): Promise<Rights> => {
  const { permissions, identityEndsAtMs = Infinity } = claims
  const { namespace, userId, tenantId, sessionId, threadId, runId, purpose, sealedAtMs } = claims
  // Before the question: who is revoked while it is answered was asked about before.
  const renewedAtMs = Date.now()
  const answer: unknown = await reauthorize({
    namespace,
    userId,
    tenantId,
    sessionId,
    permissions,
    threadId,
    runId,
    purpose,
    sealedAtMs,
    // A registry may end it sooner: it has ended by now.
    identityEndedAtMs: Math.min(identityEndsAtMs, renewedAtMs),
  })
  const { permissions: now, expiresAtMs = Date.now() + usualMs } = ownOptions<Answer>(answer as Answer)
  // An answer that is no list of rights gives none: `true` is not one.
  if (!Array.isArray(now) || typeof expiresAtMs !== 'number' || !(expiresAtMs > Date.now()))
    throw new ContextError('ERR_CONTEXT_SEAL_REAUTHORIZATION')
  return { permissions: permissions.filter((permission) => now.includes(permission)), expiresAtMs, renewedAtMs }
}

type Answer = { readonly permissions?: unknown; readonly expiresAtMs?: unknown }
