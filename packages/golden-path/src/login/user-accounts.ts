/**
 * What an administrator does to the users of a store, with the end of what was made before.
 */
import { ContextError, type LiveSessions } from 'user-execution-context'
import { assertKnownKeys } from '../phases/known-keys.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { isFound, type StoredUser, type UserChange } from './stored-user.ts'
import type { UserStore } from './user-store.ts'

/** What user accounts stand on. */
export type UserAccountsOptions = {
  readonly users: UserStore
  readonly hasher: PasswordHasher
  /** The registry that the users' proofs are filed in. */
  readonly sessions: LiveSessions
  /** The namespace of the users: the issuer of their access tokens. */
  readonly namespace: string
}

/**
 * Changes of users. Each is durable, and has ended what it must end, when it resolves. One that rejects can be called
 * again, and ends then what it could not end before.
 *
 * Each function rejects with `ERR_CONTEXT_USER_UNKNOWN` for an id that nobody has.
 */
export type UserAccounts = {
  /**
   * A right that is taken away ends what was made with it. One that is added changes nothing that exists. When the
   * revocation is not durable, the rights stay as they were.
   */
  readonly setPermissions: (userId: string, permissions: readonly string[]) => Promise<void>
  /** Ends all sessions of the user: whoever knew the old password is signed out. */
  readonly changePassword: (userId: string, password: string) => Promise<void>
  /** The user can neither sign in nor renew. Ends all sessions. */
  readonly disable: (userId: string) => Promise<void>
  readonly enable: (userId: string) => Promise<void>
  /**
   * Ends all sessions. When the revocation is not durable, the user stays, disabled. Never give the id to another user:
   * what is filed under it would be theirs.
   */
  readonly remove: (userId: string) => Promise<void>
  /** Ends all sessions of the user, on all devices. */
  readonly signOutEverywhere: (userId: string) => Promise<void>
}

/**
 * Makes the accounts of a store and its registry.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import type { LiveSessions } from 'user-execution-context'
 * import { passwordHasher, userAccounts, type UserStore } from '@user-execution-context/golden-path/login'
 *
 * export const openAccounts = (users: UserStore, sessions: LiveSessions) =>
 *   userAccounts({ users, sessions, hasher: passwordHasher(), namespace: 'https://chat.example.com' })
 * ```
 */
export const userAccounts = (options: UserAccountsOptions): UserAccounts => {
  assertKnownKeys(options, ['users', 'hasher', 'sessions', 'namespace'])
  const { users, hasher, sessions, namespace } = options
  const end = async ({ userId, tenantId }: StoredUser, reason?: 'rights_changed'): Promise<void> => {
    const user = tenantId === undefined ? { namespace, userId } : { namespace, tenantId, userId }
    await sessions.revoke({ user }, reason === undefined ? {} : { reason })
  }
  // First the store, so that nobody renews in between; what was renewed until then ends here. A repeat ends it again.
  const changeAndEnd = async (userId: string, change: UserChange): Promise<void> =>
    end(await users.change(userId, change))
  /** Users who lost rights, and whose older proofs are not yet durably ended. */
  const unended = new Set<string>()

  return Object.freeze({
    setPermissions: async (userId: string, permissions: readonly string[]) => {
      const isDemoted = (user: StoredUser): boolean =>
        unended.has(userId) || (user.permissions ?? []).some((permission) => !permissions.includes(permission))
      const known = await users.findById(userId)
      // First the revocation: once the rights are gone from the store, nothing says any more that one is due.
      if (isFound(known) && isDemoted(known)) await end(known, 'rights_changed')
      const before = await users.change(userId, { permissions: [...permissions] })
      if (!isDemoted(before)) return
      // And what was made with the old rights in between.
      unended.add(userId)
      await end(before, 'rights_changed')
      unended.delete(userId)
    },
    changePassword: async (userId: string, password: string) =>
      changeAndEnd(userId, { password: await hasher.toRecord(password) }),
    disable: (userId: string) => changeAndEnd(userId, { isDisabled: true }),
    enable: async (userId: string) => void (await users.change(userId, { isDisabled: false })),
    remove: async (userId: string) => {
      // Nobody signs in or renews from here on. The user goes last, so that a repeat finds whom to sign out.
      await changeAndEnd(userId, { isDisabled: true })
      await users.remove(userId)
    },
    signOutEverywhere: async (userId: string) => {
      const user = await users.findById(userId)
      if (!isFound(user)) throw new ContextError('ERR_CONTEXT_USER_UNKNOWN')
      await end(user)
    },
  })
}
