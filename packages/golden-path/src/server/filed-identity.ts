/**
 * The check of access tokens of a server that signs out in a registry: a user who is filed elsewhere is refused.
 */
import { assertLive, ContextError, type LiveSessions, type VerifiedUser } from 'user-execution-context'

type Identity = (token: string) => Promise<VerifiedUser>

/**
 * Refuses users whose proof is not filed in the registry: a sign-out would end nothing, and say that it did. The first
 * request finds the mistake.
 *
 * @returns A function that rejects with what `identity` rejects with, what assertLive() throws, and
 *   `ERR_CONTEXT_INVALID_OPTIONS`.
 */
export const filedIdentity = (identity: Identity, sessions: LiveSessions): Identity => {
  // Of tokens that a provider remembers, the user is one object: asked once.
  const filed = new WeakSet<VerifiedUser>()
  return async (token) => {
    const user = await identity(token)
    if (filed.has(user)) return user
    // By itself a proof lasts as long as before: the answer says only whether both are live, and filed there.
    if (!sessions.renew(user, user)) {
      assertLive(user)
      if (!sessions.isLivenessKnown) throw new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN')
      throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
        issues: [{ path: 'sessions', kind: 'does not fit' }],
        fix:
          'A user whom `identity` verified is not filed in the `sessions` of this server, so that a sign-out would ' +
          'end nothing: give both the same registry, identityProvider({ …, sessions }) or ' +
          'jwtIdentity({ …, sessions }), or leave `sessions` of the server out.',
      })
    }
    filed.add(user)
    return user
  }
}
