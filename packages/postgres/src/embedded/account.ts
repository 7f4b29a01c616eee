/**
 * The account that the server runs as: it refuses to run as root.
 */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A user of the system, by number. */
export type Account = { readonly uid: number; readonly gid: number }

/** The user that owns nothing, `nobody`, on Linux and most others. */
const nobody: Account = { uid: 65534, gid: 65534 }

/**
 * The account for a folder that exists: for root the folder's owner, or nobody where that is root; undefined is the one
 * of this process. No account is made for it.
 */
export const findAccount = (folder: string): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(folder)
  return uid === 0 ? nobody : { uid, gid }
}

/** Whether an account may pass every folder on the way to a path. This process's own account may: it read the path. */
export const canReach = (path: string, account: Account | undefined): boolean => {
  if (account === undefined) return true
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { uid, gid, mode } = statSync(folder)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
