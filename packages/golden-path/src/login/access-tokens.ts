/**
 * Access tokens of this server's own: issue, check, renew, sign out.
 */
import { decodeJwt, importJWK, SignJWT } from 'jose'
import { randomUUID } from 'node:crypto'
import {
  assertLive,
  ContextError,
  identityProvider,
  isVerifiedUser,
  toIssuePath,
  type Issue,
  type LiveSessions,
  type VerifiedUser,
} from 'user-execution-context'
import { assertNumbers } from '../phases/invalid-options.ts'
import { assertKnownKeys } from '../phases/known-keys.ts'
import { identityOfPersons } from './jwt-identity.ts'
import type { JwtKey } from './jwt-keys.ts'
import { isEnabled, isFound, type StoredUser } from './stored-user.ts'
import type { UserStore } from './user-store.ts'

/** Options of {@link accessTokens}. */
export type AccessTokensOptions = {
  /** The `iss` of the tokens. */
  readonly issuer: string
  /** The `aud` of the tokens. */
  readonly audience: string
  /** The secret that signs and verifies, HS256: at least 32 random bytes as an `oct` JWK. A credential. */
  readonly secret: JwtKey & { readonly alg: 'HS256' }
  /** The registry that the tokens' proofs are filed in. Its `maxProofMs` must be at least `sessionSeconds`. */
  readonly sessions: LiveSessions
  /** Says at each renewal whether the user is still there, and with which permissions. */
  readonly users: Pick<UserStore, 'findById'>
  /** How long one token is good for. Default 900 (15 minutes). */
  readonly lifetimeSeconds?: number
  /** How long a session can be renewed, from the sign-in. Default 43,200 (12 hours). */
  readonly sessionSeconds?: number
}

/** The answer to a sign-in and to a renewal (the names of RFC 6749 section 5.1, in this API's spelling). */
export type AccessTokenAnswer = {
  /** A credential: do not log. */
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  /** Seconds. */
  readonly expiresIn: number
}

/** The tokens of one server. */
export type AccessTokens = {
  /**
   * For a user who signed in just now, by a provider whose namespace is the `issuer` of these tokens. The token counts
   * as issued when the proof of the user was (`issuedAtMs`), so that it comes before a sign-out of in between. Rejects
   * with `ERR_CONTEXT_USER_NOT_VERIFIED` for anybody else, with `ERR_CONTEXT_INVALID_OPTIONS` for a user of another
   * namespace, a program, a user for whom somebody acts and one who came over a hop (a token says nothing of these),
   * and with what assertLive() throws when the proof has ended or `sessions` has a revocation of its user that it is
   * not known to be newer than.
   */
  readonly issue: (user: VerifiedUser) => Promise<AccessTokenAnswer>
  /** From a token to its user: what jwtIdentity() returns. */
  readonly identity: (token: string) => Promise<VerifiedUser>
  /**
   * A new token for the same subject and session, with the permissions that the user has now. Rejects as `identity`
   * does, when the session is over, and with `ERR_CONTEXT_IDENTITY_REFUSED` when the user was removed, disabled or
   * moved to another tenant.
   */
  readonly renew: (token: string) => Promise<AccessTokenAnswer>
  /**
   * Ends the session of a valid token, or all of its user when it names none, durably: no token of it is accepted from
   * now on, its sockets are told.
   */
  readonly signOut: (token: string) => Promise<void>
}

/**
 * Makes the tokens of a server. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 *
 * @example
 * ```ts
 * import { liveSessions } from 'user-execution-context'
 * import {
 *   accessTokens,
 *   fileRevocationStore,
 *   fileSigningSecret,
 *   fileUserStore,
 * } from '@user-execution-context/golden-path/login'
 *
 * export const openTokens = async (directory: string) =>
 *   accessTokens({
 *     issuer: 'https://chat.example.com',
 *     audience: 'chat',
 *     secret: await fileSigningSecret(directory),
 *     sessions: liveSessions({ maxProofMs: 43_260_000, store: await fileRevocationStore(directory) }),
 *     users: await fileUserStore(directory),
 *   })
 * ```
 */
export const accessTokens = (options: AccessTokensOptions): AccessTokens => {
  assertKnownKeys(options, [
    ...['issuer', 'audience', 'secret', 'sessions', 'users', 'lifetimeSeconds', 'sessionSeconds'],
  ])
  assertNumbers(options, { lifetimeSeconds: 1, sessionSeconds: 1 })
  const { issuer, audience, secret, sessions, users, lifetimeSeconds = 900, sessionSeconds = 43_200 } = options
  // issue() refuses programs: a user of the store whose id looks like one of Auth0's machines is a person.
  const identity = identityOfPersons({
    name: 'access-token',
    issuer,
    audience,
    keys: [secret],
    algorithms: ['HS256'],
    clockToleranceSeconds: 0,
    tenantClaim: 'tid',
    // The subject is the user id that sign() wrote.
    toUserId: (subject) => subject,
    headerTypes: ['at+jwt'],
    // A renewed token is of the old sign-in: one that is renewed while its user is signed out everywhere must not live
    // on.
    issuedAtClaim: 'auth_time',
    sessions,
  })
  const key = importJWK({ ...secret }, 'HS256')
  // A secret that cannot be imported is reported by the first token that needs it, not as an unhandled rejection.
  key.catch(() => undefined)

  // The proof may be filed in no registry, or in another one than the tokens: what was revoked here counts too.
  const admit = identityProvider({
    name: 'access-token',
    namespace: issuer,
    sessions,
    verify: ({ userId, tenantId, sessionId, issuedAtMs }: VerifiedUser) => ({
      userId,
      tenantId,
      sessionId,
      issuedAtMs,
    }),
  })

  const sign = async (
    user: VerifiedUser,
    permissions: readonly string[],
    signedInAtSeconds: number,
  ): Promise<AccessTokenAnswer> => {
    const nowSeconds = Math.floor(Date.now() / 1000)
    const expiresIn = Math.min(lifetimeSeconds, Math.floor(signedInAtSeconds) + sessionSeconds - nowSeconds)
    if (expiresIn < 1) throw new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
    const claims = {
      sid: user.sessionId,
      tid: user.tenantId,
      auth_time: signedInAtSeconds,
      jti: randomUUID(),
      scope: permissions.length === 0 ? undefined : permissions.join(' '),
    }
    const header = { alg: 'HS256', typ: 'at+jwt', ...(secret.kid === undefined ? {} : { kid: secret.kid }) }
    const accessToken = await new SignJWT(claims)
      .setProtectedHeader(header)
      .setSubject(user.userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + expiresIn)
      .sign(await key)
    return Object.freeze({ accessToken, tokenType: 'Bearer', expiresIn })
  }

  return Object.freeze({
    identity,
    issue: async (user: VerifiedUser) => {
      if (!isVerifiedUser(user)) throw new ContextError('ERR_CONTEXT_USER_NOT_VERIFIED')
      // User 1001 of another namespace is another user: the token would make the two one owner.
      if (user.namespace !== issuer) throw toNamespaceError()
      assertActsForThemselves(user)
      // Read first: a sign-out from here on is later than the token.
      const nowMs = Date.now()
      assertLive(user)
      await admit(user)
      // To the millisecond, so that a sign-in right after a sign-out counts as later. A clock that runs ahead must not
      // carry the token over a sign-out of this moment.
      return sign(user, user.permissions, Math.min(user.issuedAtMs ?? nowMs, nowMs) / 1000)
    },
    renew: async (token: string) => {
      const user = await identity(token)
      const { auth_time: signedInAtSeconds } = decodeJwt(token)
      if (typeof signedInAtSeconds !== 'number') throw new ContextError('ERR_CONTEXT_TOKEN_CLAIMS')
      const stored = await users.findById(user.userId)
      if (!isFound(stored)) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
      return sign(user, toPermissionsNow(stored, user), signedInAtSeconds)
    },
    signOut: async (token: string) => void (await sessions.revoke({ session: await identity(token) })),
  })
}

function toNamespaceError(): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
    issues: [{ path: 'namespace', kind: 'does not fit' }],
    fix:
      'Give the provider that signs the user in the issuer of the tokens as its namespace: ' +
      'passwordIdentity({ …, namespace: issuer }), identityProvider({ …, namespace: issuer }). A user id means ' +
      'nothing outside its namespace.',
  })
}

/**
 * The person of a sign-in. The token would make a program a person in every audit record, an agent the user that it
 * acts for, and a step of a hop the first one.
 */
function assertActsForThemselves({ actors, identity }: VerifiedUser): void {
  const lost = Object.entries({
    actors: actors.length > 0,
    kind: identity.kind !== 'person',
    origin: identity.origin !== undefined,
  }).flatMap(([path, isLost]) => (isLost ? [{ path, kind: 'refused by policy' } as const] : []))
  if (lost.length === 0) return
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
    issues: lost,
    fix:
      'Issue tokens to persons who sign in themselves. Hand the context of anybody else on with sealContext() of ' +
      '@user-execution-context/transfer, which keeps who acts and what kind they are.',
  })
}

// Own properties only: a polluted Object.prototype must not give a right to a user who is stored without it.
function toPermissionsNow(stored: StoredUser, user: VerifiedUser): readonly string[] {
  const { userId, tenantId, permissions = [] } = Object.assign(Object.create(null), stored) as StoredUser
  // A user of another id or tenant is another owner: the session was not started by who that is.
  if (!isEnabled(stored) || userId !== user.userId || tenantId !== user.tenantId)
    throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
  const issues = permissions.flatMap((name: unknown, index): Issue[] => {
    const kind = typeof name !== 'string' ? 'not a string' : name.includes(' ') ? 'illegal character' : undefined
    return kind === undefined ? [] : [{ path: toIssuePath('permissions', index), kind }]
  })
  // In the claim of a token they are one text: a name with a space would be several rights.
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_IDENTITY', { issues })
  return permissions
}
