/**
 * Where users and their password records are kept: the port, and its file-backed default.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError, findIdIssue } from 'user-execution-context'
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
}

/** A store of users. Another one (a database) may stand behind the same form. */
export type UserStore = {
  /** The user of this name, or undefined. Takes the same time for both. */
  readonly find: (userName: string) => Promise<StoredUser | undefined>
  /** Keeps a new user durably. @throws {ContextError} `ERR_CONTEXT_USER_EXISTS`, `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly add: (user: StoredUser) => Promise<void>
  /** How many users there are. */
  readonly count: () => Promise<number>
}

const nameGrammar = /^[A-Za-z0-9._@+-]{1,64}$/

/**
 * Opens the users of a directory: one file, `users.json`, replaced as a whole at each change, so that a crash in the
 * middle of a write loses at most the write that was not yet acknowledged. One process at a time.
 *
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE` when the file is not what this store wrote.
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

  return Object.freeze({
    find: async (userName: string) => users.get(toNameKey(userName)),
    count: async () => users.size,
    add: (user: StoredUser) => {
      const write = lastWrite.then(async () => {
        assertUser(user)
        // Two names of one id would be one user: each would see what is the other's.
        const isTaken =
          users.has(toNameKey(user.userName)) || [...users.values()].some(({ userId }) => userId === user.userId)
        if (isTaken) throw new ContextError('ERR_CONTEXT_USER_EXISTS')
        const next = new Map(users).set(toNameKey(user.userName), user)
        await replaceFile(path, JSON.stringify({ version: 1, users: [...next.values()] }, null, 2))
        // Visible only once it is durable: a crash must not take away a user who has signed in.
        users = next
      })
      lastWrite = write.catch(() => undefined)
      return write
    },
  })
}

/** The form under which a user name is compared and counted. */
export const toNameKey = (userName: string): string => userName.toLowerCase()

function parseUsers(text: string | undefined): ReadonlyMap<string, StoredUser> {
  if (text === undefined) return new Map()
  try {
    const content: unknown = JSON.parse(text)
    if (!isPlainObject(content) || content['version'] !== 1 || !Array.isArray(content['users'])) throw unreadable()
    const users = content['users'] as readonly StoredUser[]
    users.forEach(assertUser)
    return new Map(users.map((user) => [toNameKey(user.userName), user]))
  } catch {
    // The cause is left out on purpose: JSON.parse quotes what it could not read, and that may be a password record.
    throw unreadable()
  }
}

function assertUser(user: StoredUser): void {
  const { userId, userName, password } = user
  const userIdIssue = findIdIssue(userId)
  if (userIdIssue !== undefined) throw invalid('userId', userIdIssue)
  if (typeof userName !== 'string' || !nameGrammar.test(userName)) throw invalid('userName', 'illegal character')
  if (!isPlainObject(password)) throw invalid('password', 'not an object')
  if (!isPasswordRecord(password)) throw invalid('password', 'does not fit')
}

function invalid(
  path: string,
  kind: 'illegal character' | 'not an object' | 'does not fit' | NonNullable<ReturnType<typeof findIdIssue>>,
): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind }] })
}

function unreadable(): ContextError {
  return new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues: [{ path: 'users.json', kind: 'does not fit' }] })
}
