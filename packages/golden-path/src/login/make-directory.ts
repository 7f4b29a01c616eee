/**
 * The directory of a store: made when it is missing, and refused by its name where it is of no use.
 */
import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { ContextError } from 'user-execution-context'

/**
 * Makes a directory that its owner alone can read, or takes the one that is there.
 *
 * @param option - What the caller calls it: the option that has to be corrected.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` where it is no directory, or this account may not use it.
 */
export const makeDirectory = async (directory: string, option = 'directory'): Promise<void> => {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0'))
    throw refused(option, `${option} is the path of a directory, a text.`)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = typeof code === 'string' && Object.hasOwn(reasons, code) ? reasons[code] : undefined
    if (reason === undefined) throw error
    throw refused(option, `${JSON.stringify(directory)} ${reason}`, error)
  }
}

const closed = 'cannot be made, read or written by this account. Give it the right, or name another directory.'
const file = 'is a file, or leads through one. Name a directory, or a path where one can be made.'
const reasons: Readonly<Record<string, string>> = {
  EEXIST: file,
  ENOTDIR: file,
  EACCES: closed,
  EPERM: closed,
  EROFS: 'is on a file system that is read only. Name another directory.',
  ENAMETOOLONG: 'is a path that is too long. Name a shorter one.',
  ELOOP: 'leads through links that lead back to themselves. Name another directory.',
}

function refused(option: string, fix: string, cause?: unknown): ContextError {
  const issues = [{ path: option, kind: 'does not fit' }] as const
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues, fix, ...(cause !== undefined && { cause }) })
}
