/**
 * From opened claims to a context: through identityProvider() and createForUser(), because there is no second maker.
 */
import {
  ContextError,
  createForUser,
  identityProvider,
  parseRunId,
  parseThreadId,
  type UserExecutionContext,
  type VerifiedFacts,
} from 'user-execution-context'
import type { Rights } from './reauthorize.ts'
import type { Claims } from './text/claims.ts'

/** The name of this provider in `context.identity` and in the audit trail. */
const providerName = 'sealed-context'

/**
 * The context of a text.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_CLAIMS` when the claims cannot be a context's; what the core throws for an
 *   identity that has ended.
 */
export const toContext = async (claims: Claims, rights: Rights): Promise<UserExecutionContext> => {
  const { namespace, userId, sessionId, tenantId, agentContext } = claims
  const facts: VerifiedFacts = { userId, sessionId, tenantId, ...rights }
  try {
    const user = await identityProvider({ name: providerName, namespace, verify: () => facts })(undefined)
    return createForUser(user, {
      threadId: parseThreadId(claims.threadId),
      runId: parseRunId(claims.runId),
      agentContext,
    })
  } catch (error) {
    // Sealed, but no context here: the fault of the text, not of this program.
    if (error instanceof ContextError && faultsOfClaims.includes(error.code))
      throw new ContextError('ERR_CONTEXT_SEAL_CLAIMS', { issues: error.issues })
    throw error
  }
}

const faultsOfClaims: readonly string[] = [
  // Of the provider: its namespace comes from the text.
  'ERR_CONTEXT_INVALID_OPTIONS',
  'ERR_CONTEXT_INVALID_IDENTITY',
  'ERR_CONTEXT_INVALID_ID',
  'ERR_CONTEXT_INVALID_REQUEST',
]
