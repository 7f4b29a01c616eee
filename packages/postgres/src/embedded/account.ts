/**
 * The account that the server runs as: it refuses to run as root.
 */
import { statSync } from 'node:fs'

/** A user of the system, by number. */
export type Account = { readonly uid: number; readonly gid: number }

/** `nobody` on every system that has it. */
const nobody: Account = { uid: 65534, gid: 65534 }

/**
 * The account for a folder that exists: for root the folder's owner or nobody; undefined is the one of this process.
 */
export const findAccount = (folder: string): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(folder)
  return uid === 0 ? nobody : { uid, gid }
}
