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

/**
 * The rights of a text. Asks `reauthorize` only when the identity has ended, because before that nothing has to be
 * renewed.
 *
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_SEAL_REAUTHORIZATION`; what the callback throws.
 */
export const reauthorizeIdentity = async (claims: Claims, { reauthorize }: OpenOptions): Promise<Rights> => {
  const { identityEndsAtMs, permissions } = claims
  if (identityEndsAtMs === undefined || identityEndsAtMs > Date.now())
    return { permissions, expiresAtMs: identityEndsAtMs, renewedAtMs: undefined }
  if (reauthorize === undefined) throw new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
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
    identityEndedAtMs: identityEndsAtMs,
  })
  const { permissions: now, expiresAtMs = Date.now() + usualMs } = ownOptions<Answer>(answer as Answer)
  // An answer that is no list of rights gives none: `true` is not one.
  if (!Array.isArray(now) || typeof expiresAtMs !== 'number' || !(expiresAtMs > Date.now()))
    throw new ContextError('ERR_CONTEXT_SEAL_REAUTHORIZATION')
  return { permissions: permissions.filter((permission) => now.includes(permission)), expiresAtMs, renewedAtMs }
}

type Answer = { readonly permissions?: unknown; readonly expiresAtMs?: unknown }
