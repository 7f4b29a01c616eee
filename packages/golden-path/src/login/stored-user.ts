/**
 * One user as a store keeps them, the check of it, and what may change.
 */
import { ContextError, findIdIssue, type Issue } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import { isPasswordRecord, type PasswordRecord } from './password-hasher.ts'

/** One user who signs in with a password. Personal data: do not log. */
export type StoredUser = {
  /** What contexts call the user. Never changes, also when the name does. Id grammar. */
  readonly userId: string
  /** What the user types. 1 to 64 characters out of `A-Z a-z 0-9 . _ @ + -`; compared without case. */
  readonly userName: string
  readonly password: PasswordRecord
  readonly tenantId?: string | undefined
  readonly permissions?: readonly string[] | undefined
  /** Whether the user may neither sign in nor renew. Default false. */
  readonly isDisabled?: boolean | undefined
}

/** What may change of a user: not the id, and not the tenant, because both say whose data it is. */
export type UserChange = Partial<Pick<StoredUser, 'userName' | 'password' | 'permissions' | 'isDisabled'>>

const nameGrammar = /^[A-Za-z0-9._@+-]{1,64}$/
const changeableKeys = ['userName', 'password', 'permissions', 'isDisabled'] as const satisfies (keyof UserChange)[]

/**
 * Checks a user that is to be kept: for a store of yours.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with the first fault.
 * @example
 * ```ts
 * import { assertStoredUser, toNameKey, type StoredUser } from '@user-execution-context/golden-path/login'
 *
 * export const addTo = (users: Map<string, StoredUser>, user: StoredUser): void => {
 *   assertStoredUser(user)
 *   users.set(toNameKey(user.userName), user)
 * }
 * ```
 */
export const assertStoredUser: (user: StoredUser) => void = (user) => {
  const { userId, userName, password, tenantId, permissions, isDisabled } = user
  const userIdIssue = findIdIssue(userId)
  if (userIdIssue !== undefined) throw invalid('userId', userIdIssue)
  const tenantIdIssue = tenantId === undefined ? undefined : findIdIssue(tenantId)
  if (tenantIdIssue !== undefined) throw invalid('tenantId', tenantIdIssue)
  if (typeof userName !== 'string' || !nameGrammar.test(userName)) throw invalid('userName', 'illegal character')
  if (!isPlainObject(password)) throw invalid('password', 'not an object')
  if (!isPasswordRecord(password)) throw invalid('password', 'does not fit')
  if (permissions !== undefined && !Array.isArray(permissions)) throw invalid('permissions', 'not an array')
  if (isDisabled !== undefined && typeof isDisabled !== 'boolean') throw invalid('isDisabled', 'not a boolean')
}

/**
 * A user after a change, checked: for a store of yours. Keys that may not change are left out.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with the first fault.
 * @example
 * ```ts
 * import { changeStoredUser, type StoredUser } from '@user-execution-context/golden-path/login'
 *
 * export const disable = (user: StoredUser): StoredUser => changeStoredUser(user, { isDisabled: true })
 * ```
 */
export const changeStoredUser = (user: StoredUser, change: UserChange): StoredUser => {
  const given = changeableKeys.filter((key) => Object.hasOwn(change, key)).map((key) => [key, change[key]])
  const after: StoredUser = { ...user, ...(Object.fromEntries(given) as UserChange) }
  assertStoredUser(after)
  return after
}

/**
 * Whether a store has found a user. Many give null for nobody, which is no user without a tenant and without rights.
 */
export const isFound = (user: StoredUser | undefined): user is StoredUser => typeof user === 'object' && user !== null

/**
 * Whether a stored user may sign in and renew. Own properties only; a store that keeps 1 or 'true' has disabled them.
 */
export const isEnabled = (user: StoredUser): boolean => {
  const isDisabled: unknown = Object.hasOwn(user, 'isDisabled') ? user.isDisabled : undefined
  return isDisabled === undefined || isDisabled === false
}

/**
 * The form under which a user name is compared and counted.
 *
 * @example
 * ```ts
 * import { toNameKey } from '@user-execution-context/golden-path/login'
 *
 * console.log(toNameKey('Ada') === toNameKey('ADA'))
 * ```
 */
export const toNameKey = (userName: string): string => userName.toLowerCase()

function invalid(path: string, kind: Issue['kind']): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind }] })
}
