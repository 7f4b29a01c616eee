/**
 * From opened claims to a context: through identityProvider() and createForUser(), because there is no second maker.
 */
import {
  ContextError,
  createForUser,
  identityProvider,
  parseRunId,
  parseThreadId,
  type LiveSessions,
  type UserExecutionContext,
  type VerifiedFacts,
  type VerifiedUser,
} from 'user-execution-context'
import type { OpenOptions } from './open-options.ts'
import type { Rights } from './reauthorize.ts'
import type { Claims } from './text/claims.ts'

/** The name of this provider in `context.identity` and in the audit trail. */
const providerName = 'sealed-context'

/**
 * The context of a text. Its identity is filed with the live sessions, so that a sign-out ends it.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_CLAIMS` when the claims cannot be a context's; what the core throws for an
 *   identity that has ended.
 */
export const restoreContext = async (
  claims: Claims,
  rights: Rights,
  { sessions }: OpenOptions,
): Promise<UserExecutionContext> => {
  const { permissions, expiresAtMs, renewedAtMs } = rights
  const { userId, tenantId, actors, origin, kind } = claims
  const facts: VerifiedFacts = { userId, tenantId, actors, origin, kind, permissions, expiresAtMs }
  // Rights of today are a proof of today: nothing outlives another one any more.
  const proof =
    renewedAtMs !== undefined
      ? { issuedAtMs: renewedAtMs }
      : { sessionId: claims.sessionId, issuedAtMs: claims.provenAtMs, outlives: claims.outlives }
  try {
    const verify = toVerifier(claims, sessions)
    if (renewedAtMs !== undefined && sessions !== undefined) await refuseRevoked(claims, facts, verify)
    return createForUser(await verify({ ...facts, ...proof }), {
      threadId: parseThreadId(claims.threadId),
      runId: parseRunId(claims.runId),
      agentContext: claims.agentContext,
    })
  } catch (error) {
    // Sealed, but no context here: the fault of the text, not of this program.
    if (error instanceof ContextError && isFaultOfClaims(error))
      throw new ContextError('ERR_CONTEXT_SEAL_CLAIMS', { issues: error.issues })
    throw error
  }
}

type Verify = (facts: VerifiedFacts) => Promise<VerifiedUser>

function toVerifier({ namespace }: Claims, sessions: LiveSessions | undefined): Verify {
  return identityProvider({ name: providerName, namespace, sessions, verify: (facts: VerifiedFacts) => facts })
}

/**
 * Rights of today do not undo a revocation: what was sealed before its user or tenant was revoked stays shut for as
 * long as the registry knows of it, whatever reauthorize() says.
 */
async function refuseRevoked(claims: Claims, facts: VerifiedFacts, verify: Verify): Promise<void> {
  try {
    // A proof without a time is refused while there is any revocation of its user or tenant.
    await verify(facts)
  } catch (error) {
    if (!hasCode(error, 'ERR_CONTEXT_IDENTITY_REVOKED')) throw error
    await verify({ ...facts, issuedAtMs: claims.provenAtMs }).catch((cause: unknown) => {
      // So old that no proof of its time can live: older than the revocation too.
      throw hasCode(cause, 'ERR_CONTEXT_IDENTITY_EXPIRED') ? error : cause
    })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof ContextError && error.code === code
}

function isFaultOfClaims({ code, issues }: ContextError): boolean {
  // Of the options of the provider only the namespace comes from the text.
  if (code === 'ERR_CONTEXT_INVALID_OPTIONS') return issues.some(({ path }) => path === 'namespace')
  return faultsOfClaims.includes(code)
}

const faultsOfClaims: readonly string[] = [
  'ERR_CONTEXT_INVALID_IDENTITY',
  'ERR_CONTEXT_INVALID_ID',
  'ERR_CONTEXT_INVALID_REQUEST',
]
