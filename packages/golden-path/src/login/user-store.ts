/**
 * Where users and their password records are kept: the port, and its file-backed default.
 */
import { join } from 'node:path'
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import { makeDirectory } from './make-directory.ts'
import { readTextIfPresent, replaceFile } from './replace-file.ts'
import { assertStoredUser, changeStoredUser, toNameKey, type StoredUser, type UserChange } from './stored-user.ts'

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
  await makeDirectory(directory)
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
        assertStoredUser(user)
        // Two names of one id would be one user: each would see what is the other's.
        if (findById(user.userId) !== undefined) throw new ContextError('ERR_CONTEXT_USER_EXISTS')
        return [withUser(current, user), undefined]
      }),
    change: (userId: string, change: UserChange) =>
      write((current) => {
        const before = requireUser(findById(userId))
        const after = changeStoredUser(before, change)
        return [withUser(without(current, before), after), before]
      }),
    remove: (userId: string) =>
      write((current) => {
        const user = requireUser(findById(userId))
        return [without(current, user), user]
      }),
  })
}

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

function parseUsers(text: string | undefined): Users {
  if (text === undefined) return new Map()
  let users: readonly StoredUser[]
  try {
    const content: unknown = JSON.parse(text)
    if (!isPlainObject(content) || content['version'] !== 1 || !Array.isArray(content['users'])) throw unreadable()
    users = content['users'] as readonly StoredUser[]
    users.forEach(assertStoredUser)
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

function unreadable(): ContextError {
  return new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues: [{ path: 'users.json', kind: 'does not fit' }] })
}
