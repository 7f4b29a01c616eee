/**
 * Sign-in with user name and password, as an identity provider.
 */
import { randomUUID } from 'node:crypto'
import { identityProvider, type LiveSessions, type VerifiedFacts, type VerifiedUser } from 'user-execution-context'
import { assertKnownKeys } from '../phases/known-keys.ts'
import type { AttemptLimits } from './attempt-limits.ts'
import { maxPasswordCharacters, type PasswordHasher } from './password-hasher.ts'
import { isEnabled, isFound, toNameKey, type StoredUser } from './stored-user.ts'
import type { UserStore } from './user-store.ts'

/** What a user sends to sign in. Never logged, never kept. */
export type PasswordCredentials = {
  readonly userName: string
  /** 1 to 1,024 characters. */
  readonly password: string
  /** Where the attempt comes from, for the limit per address. From the socket, not from a header of the client. */
  readonly address: string
}

/** What password sign-in stands on. */
export type PasswordIdentityOptions = {
  readonly users: UserStore
  readonly hasher: PasswordHasher
  readonly limits: AttemptLimits
  /**
   * Whose users these are, as for identityProvider(). Where the user gets a token after the sign-in, the issuer of the
   * tokens: with another one, the user of the password and the user of the token would be two owners. Default
   * `'password'`.
   */
  readonly namespace?: string | undefined
  /** The registry that proofs are filed in, so that a sign-out ends them. Default: a proof of a sign-in has no end. */
  readonly sessions?: LiveSessions | undefined
}

/**
 * Makes the sign-in. Each success starts a new session (`sessionId`, a new UUID).
 *
 * An unknown user, a wrong password and a malformed one are refused alike, after the same work.
 *
 * @returns A function from credentials to the verified user. It rejects with `ERR_CONTEXT_IDENTITY_REFUSED`,
 *   `ERR_CONTEXT_SIGN_IN_LIMIT` or `ERR_CONTEXT_SIGN_IN_BUSY`; with `sessions` as identityProvider() does, too.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for a namespace or a registry that is none, or an unknown key.
 * @example
 * ```ts
 * import { attemptLimits, fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
 * import { passwordIdentity } from '@user-execution-context/golden-path/login'
 *
 * export const openSignIn = async (directory: string) =>
 *   passwordIdentity({
 *     users: await fileUserStore(directory),
 *     hasher: passwordHasher(),
 *     limits: attemptLimits(),
 *     namespace: 'https://chat.example.com',
 *   })
 * ```
 */
export const passwordIdentity = (
  options: PasswordIdentityOptions,
): ((credentials: PasswordCredentials) => Promise<VerifiedUser>) => {
  assertKnownKeys(options, ['users', 'hasher', 'limits', 'namespace', 'sessions'])
  const { users, hasher, limits, namespace, sessions } = options
  return identityProvider({
    name: 'password',
    namespace,
    sessions,
    verify: async ({ userName, password, address }: PasswordCredentials): Promise<VerifiedFacts | undefined> => {
      if (!isText(userName, 256) || !isText(password, maxPasswordCharacters)) return undefined
      const attempt = await limits.begin(userName, address)
      try {
        // Before the store is asked: whoever is disabled, demoted or signed out while the password is compared is
        // refused by the registry, because this sign-in is older than that.
        const issuedAtMs = Date.now()
        const user = await users.find(userName)
        const isMatch = await hasher.isMatch(password, user?.password, { address, userName: toNameKey(userName) })
        // A disabled user is refused like a wrong password, after the same work.
        if (!isMatch || !isFound(user) || !isEnabled(user)) {
          // Before the answer: a guess that is answered and not counted would be free.
          await attempt.fail()
          return undefined
        }
        await attempt.succeed()
        return toUserFacts(user, issuedAtMs)
      } finally {
        // A full queue or a store that fails says nothing about the password, so it must not lock its user out.
        await attempt.withdraw()
      }
    },
  })
}

// Own properties only: a polluted Object.prototype must not give permissions to every user that is stored without.
function toUserFacts(user: StoredUser, issuedAtMs: number): VerifiedFacts {
  const { userId, tenantId, permissions } = Object.assign(Object.create(null), user) as StoredUser
  return { userId, tenantId, permissions, sessionId: randomUUID(), issuedAtMs }
}

function isText(value: unknown, maxCharacters: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxCharacters
}
