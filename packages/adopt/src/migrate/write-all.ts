/**
 * Writes a whole run or nothing: stage beside, prove that nothing changed, rename, roll back on failure.
 */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { toContentHash } from '../engine/source-text.ts'
import { adviceOf, reasonOf, removeQuietly } from '../file-refusal.ts'

/**
 * One file of a run: its new bytes, and the hash of those it was planned from, which has to be theirs still. `bytes:
 * undefined` removes the file.
 */
export type PlannedWrite = { readonly file: string; readonly hash?: string; readonly bytes: Buffer | undefined }

/**
 * Writes all files or none.
 *
 * Symbolic links are followed, so that a link stays a link; modes are kept.
 *
 * @param root - Absolute path that the file names are relative to.
 * @throws {AdoptError} `FILE_CHANGED` when a file changed since it was read, `TREE_UNWRITABLE` when one cannot be
 * written.
 *   Nothing was changed then, or everything was put back.
 */
export const writeAllOrNothing = (root: string, writes: readonly PlannedWrite[]): void => {
  const staged: Staged[] = []
  const moved: Staged[] = []
  try {
    for (const write of writes) staged.push(stage(root, write))
    for (const one of staged) assertUnchanged(one)
    for (const one of staged) {
      copyFileSync(one.target, one.backup, constants.COPYFILE_EXCL)
      moved.push(one)
      // Rename replaces in one step: a reader, or a power cut, sees the old file or the new one.
      if (one.write.bytes) renameSync(one.temporary, one.target)
      else rmSync(one.target)
    }
  } catch (error) {
    for (const one of moved.reverse()) putBack(one)
    throw error instanceof AdoptError ? error : toRefusal(error, staged[moved.length] ?? staged.at(-1))
  } finally {
    for (const one of staged) removeQuietly(one.temporary)
  }
  for (const one of staged) removeQuietly(one.backup)
}

type Staged = {
  readonly write: PlannedWrite
  readonly target: string
  readonly temporary: string
  readonly backup: string
}

function stage(root: string, write: PlannedWrite): Staged {
  try {
    const target = realpathSync(join(root, write.file))
    const stem = `${target}.${process.pid}`
    const one = { write, target, temporary: `${stem}.migrate-new`, backup: `${stem}.migrate-old` }
    assertWritable(target, 'the file')
    assertWritable(dirname(target), 'its directory')
    if (write.bytes) writeBeside(one.temporary, write.bytes, statSync(target).mode & 0o7777)
    return one
  } catch (error) {
    throw new AdoptError(
      'TREE_UNWRITABLE',
      `${write.file} cannot be written (${reasonOf(error)}): no file was changed. ${adviceOf(error)}`,
      { file: write.file, cause: error },
    )
  }
}

/** A disk that fills up leaves half a file; one that was there already is somebody else's. */
function writeBeside(temporary: string, bytes: Buffer, mode: number): void {
  try {
    writeFileSync(temporary, bytes, { flag: 'wx' })
    chmodSync(temporary, mode)
  } catch (error) {
    if (reasonOf(error) !== 'EEXIST') removeQuietly(temporary)
    throw error
  }
}

/**
 * Renaming succeeds on a read-only FILE, and it does for the superuser whatever the mode: the owner's decision is
 * respected.
 */
function assertWritable(path: string, what: string): void {
  accessSync(path, constants.W_OK)
  if ((statSync(path).mode & 0o222) === 0) throw new Error(`${what} is marked read-only`)
}

function assertUnchanged({ write, target }: Staged): void {
  if (write.hash === undefined) return
  const now = existsSync(target) ? toContentHash(readFileSync(target)) : undefined
  if (now === write.hash) return
  throw new AdoptError(
    'FILE_CHANGED',
    `${write.file} changed while migrate was running: no file was changed. Run migrate again.`,
    { file: write.file },
  )
}

function putBack({ target, backup }: Staged): void {
  if (existsSync(backup)) renameSync(backup, target)
}

function toRefusal(error: unknown, at: Staged | undefined): AdoptError {
  const file = at?.write.file ?? '(no file)'
  return new AdoptError(
    'TREE_UNWRITABLE',
    `${file} cannot be written (${reasonOf(error)}): every file was put back. ${adviceOf(error)}`,
    {
      file,
      cause: error,
    },
  )
}
