/**
 * What the file system refuses: its reason, what to do about it, and cleaning up where it may refuse that too.
 */
import { rmSync } from 'node:fs'

/** Code of a failure, for a message. */
export const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return code ?? (error instanceof Error ? error.message : 'unknown reason')
}

/** What to do about a failure of the file system: a sentence. */
export const adviceOf = (error: unknown): string => {
  const reason = reasonOf(error)
  if (reason === 'ENOSPC' || reason === 'EDQUOT') return 'Make room on the disk, then run the command again.'
  if (reason === 'EROFS') return 'Mount its file system for writing, then run the command again.'
  return 'Allow yourself to write to it and to its directory, then run the command again.'
}

/** Takes a file of ours away. What forbade the write often forbids this too, and must not hide why it failed. */
export const removeQuietly = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {
    // It stays, and says by its name whose it is.
  }
}
