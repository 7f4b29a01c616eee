/**
 * The account that the server runs as: it refuses to run as root.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** A user of the system, by number. */
export type Account = { readonly uid: number; readonly gid: number }

/** The user that owns nothing, `nobody`, on Linux and most others. */
const nobody: Account = { uid: 65534, gid: 65534 }

/**
 * Whether openEmbeddedPostgres() can keep its data in a directory. False for root alone, where a directory on the way
 * is closed to the account that the server runs as, such as a home of mode 0700: PostgreSQL does not run as root.
 *
 * @param directory - There or not yet; the directory above it is there.
 * @example
 * ```ts
 * import { isReachableByServer } from '@user-execution-context/postgres'
 *
 * export const directory = isReachableByServer('.postgres') ? '.postgres' : '/var/lib/notes/postgres'
 * ```
 */
export const isReachableByServer: (directory: string) => boolean = (directory) => {
  const path = resolve(directory)
  return canReach(path, existsSync(path) ? findAccount(path) : findAccountOfNew())
}

/**
 * The account for a directory that exists: for root the directory's owner, or nobody where that is root; undefined is
 * the one of this process. No account is made for it.
 */
export const findAccount = (directory: string): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(directory)
  return uid === 0 ? nobody : { uid, gid }
}

/** The account for a directory that this process will make. */
function findAccountOfNew(): Account | undefined {
  return process.getuid?.() === 0 ? nobody : undefined
}

/** Whether an account may pass every directory on the way to a path. That of this process may: it read the path. */
export const canReach = (path: string, account: Account | undefined): boolean => {
  if (account === undefined) return true
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { uid, gid, mode } = statSync(directory)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (directory === dirname(directory)) return true
  }
}
