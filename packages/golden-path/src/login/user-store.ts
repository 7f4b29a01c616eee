/**
 * Where users and their password records are kept: the port, and its file-backed default.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError, findIdIssue, toIssuePath, type Issue } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import { isPasswordRecord, type PasswordRecord } from './password-hasher.ts'
import { readTextIfPresent, replaceFile } from './replace-file.ts'

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

/** A store of users. Another one (a database) may stand behind the same form. */
export type UserStore = {
  /** The user of this name, or undefined. Takes the same time for both. */
  readonly find: (userName: string) => Promise<StoredUser | undefined>
  /** The user of this id, or undefined: asked whenever a token is renewed. */
  readonly findById: (userId: string) => Promise<StoredUser | undefined>
  /** Keeps a new user durably. @throws {ContextError} `ERR_CONTEXT_USER_EXISTS`, `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly add: (user: StoredUser) => Promise<void>
  /**
   * Changes a user durably. Resolves to the user as it was before. It ends no session: userAccounts() does.
   *
   * @throws {ContextError} `ERR_CONTEXT_USER_UNKNOWN`, `ERR_CONTEXT_USER_EXISTS`, `ERR_CONTEXT_INVALID_OPTIONS`.
   */
  readonly change: (userId: string, change: UserChange) => Promise<StoredUser>
  /** Removes a user durably, and gives it. It ends no session. @throws {ContextError} `ERR_CONTEXT_USER_UNKNOWN`. */
  readonly remove: (userId: string) => Promise<StoredUser>
  /** How many users there are. */
  readonly count: () => Promise<number>
}

type Users = ReadonlyMap<string, StoredUser>

const nameGrammar = /^[A-Za-z0-9._@+-]{1,64}$/
const changeableKeys = ['userName', 'password', 'permissions', 'isDisabled'] as const satisfies (keyof UserChange)[]

/**
 * Opens the users of a directory: one file, `users.json`, replaced as a whole at each change, so that a crash in the
 * middle of a write loses at most the write that was not yet acknowledged. One process at a time.
 *
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE` when the file is not what this store wrote, or holds one user
 * id or one name twice: two people would be one user. The issues name the entries.
 * @example
 * ```ts
 * import { fileUserStore } from '@user-execution-context/golden-path/login'
 *
 * export const countUsers = async () => (await fileUserStore('.data')).count()
 * ```
 */
export const fileUserStore = async (directory: string): Promise<UserStore> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'users.json')
  let users = parseUsers(await readTextIfPresent(path))
  let lastWrite: Promise<unknown> = Promise.resolve()

  // One change after the other, each visible only once it is durable: a crash must not take away what was answered.
  const write = <Result>(toNext: (current: Users) => readonly [Users, Result]): Promise<Result> => {
    const written = lastWrite.then(async () => {
      const [next, result] = toNext(users)
      await replaceFile(path, JSON.stringify({ version: 1, users: [...next.values()] }, null, 2))
      users = next
      return result
    })
    lastWrite = written.catch(() => undefined)
    return written
  }
  const findById = (userId: string): StoredUser | undefined =>
    [...users.values()].find((user) => user.userId === userId)

  return Object.freeze({
    find: async (userName: string) => users.get(toNameKey(userName)),
    findById: async (userId: string) => findById(userId),
    count: async () => users.size,
    add: (user: StoredUser) =>
      write((current) => {
        assertUser(user)
        // Two names of one id would be one user: each would see what is the other's.
        if (findById(user.userId) !== undefined) throw new ContextError('ERR_CONTEXT_USER_EXISTS')
        return [withUser(current, user), undefined]
      }),
    change: (userId: string, change: UserChange) =>
      write((current) => {
        const before = requireUser(findById(userId))
        const after: StoredUser = { ...before, ...pickChange(change) }
        assertUser(after)
        return [withUser(without(current, before), after), before]
      }),
    remove: (userId: string) =>
      write((current) => {
        const user = requireUser(findById(userId))
        return [without(current, user), user]
      }),
  })
}

/** The form under which a user name is compared and counted. */
export const toNameKey = (userName: string): string => userName.toLowerCase()

function withUser(users: Users, user: StoredUser): Users {
  const key = toNameKey(user.userName)
  if (users.has(key)) throw new ContextError('ERR_CONTEXT_USER_EXISTS')
  return new Map(users).set(key, user)
}

function without(users: Users, { userName }: StoredUser): Users {
  const rest = new Map(users)
  rest.delete(toNameKey(userName))
  return rest
}

function requireUser(user: StoredUser | undefined): StoredUser {
  if (user === undefined) throw new ContextError('ERR_CONTEXT_USER_UNKNOWN')
  return user
}

function pickChange(change: UserChange): UserChange {
  return Object.fromEntries(changeableKeys.filter((key) => Object.hasOwn(change, key)).map((key) => [key, change[key]]))
}

function parseUsers(text: string | undefined): Users {
  if (text === undefined) return new Map()
  let users: readonly StoredUser[]
  try {
    const content: unknown = JSON.parse(text)
    if (!isPlainObject(content) || content['version'] !== 1 || !Array.isArray(content['users'])) throw unreadable()
    users = content['users'] as readonly StoredUser[]
    users.forEach(assertUser)
  } catch {
    // The cause is left out on purpose: JSON.parse quotes what it could not read, and that may be a password record.
    throw unreadable()
  }
  const twice = (key: 'userId' | 'userName', toKey: (user: StoredUser) => string): readonly Issue[] =>
    findRepeats(users.map(toKey)).map((index) => ({
      path: `users.json ${toIssuePath('users', index)}.${key}`,
      kind: 'duplicate',
    }))
  const issues = [
    ...twice('userId', ({ userId }) => userId),
    ...twice('userName', ({ userName }) => toNameKey(userName)),
  ]
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues })
  return new Map(users.map((user) => [toNameKey(user.userName), user]))
}

function findRepeats(values: readonly string[]): readonly number[] {
  const seen = new Set<string>()
  return values.flatMap((value, index) => (seen.size === seen.add(value).size ? [index] : []))
}

function assertUser(user: StoredUser): void {
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

function invalid(path: string, kind: Issue['kind']): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind }] })
}

function unreadable(): ContextError {
  return new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues: [{ path: 'users.json', kind: 'does not fit' }] })
}
