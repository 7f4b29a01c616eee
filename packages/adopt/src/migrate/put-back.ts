/**
 * Puts files back as they were, whatever became of them since: each that can be, and a name for each that cannot.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { reasonOf, removeQuietly } from '../file-refusal.ts'

/** A file as it was: path relative to the root, bytes, and mode bits where they are known. */
export type FormerFile = { readonly file: string; readonly bytes: Buffer; readonly mode?: number | undefined }

/**
 * Writes every file that is not as it was. One that is gone is made again, with its directory.
 *
 * @throws {AdoptError} `TREE_UNWRITABLE`, when every other file is back.
 */
export const putFilesBack = (root: string, files: readonly FormerFile[]): void => {
  const failed: { readonly file: string; readonly cause: unknown }[] = []
  for (const one of files)
    try {
      putFileBack(root, one)
    } catch (cause) {
      failed.push({ file: one.file, cause })
    }
  const [first] = failed
  if (!first) return
  throw new AdoptError(
    'TREE_UNWRITABLE',
    `${failed.map(({ file }) => file).join(', ')} could not be put back (${reasonOf(first.cause)}); every other file ` +
      'was. Make the place free for writing and run migrate --undo, or use git.',
    first,
  )
}

/** Bytes of a file; undefined when nothing is there. */
export const readIfThere = (root: string, file: string): Buffer | undefined => {
  try {
    return readFileSync(join(root, file))
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

/** Takes away what a process that was killed left beside a file. */
export const removeLeftovers = (root: string, file: string, pid: number): void => {
  const target = followLink(join(root, file))
  const stem = `${basename(target)}.${pid}.migrate-`
  for (const name of readdirSync(dirname(target)))
    if (name === `${stem}new` || name === `${stem}old`) rmSync(join(dirname(target), name), { force: true })
}

function putFileBack(root: string, { file, bytes, mode }: FormerFile): void {
  if (readIfThere(root, file)?.equals(bytes)) return
  const target = followLink(join(root, file))
  const temporary = `${target}.${process.pid}.migrate-new`
  mkdirSync(dirname(target), { recursive: true })
  try {
    writeFileSync(temporary, bytes)
    if (mode !== undefined) chmodSync(temporary, mode)
    renameSync(temporary, target)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
}

/** Where a file stands. A link whose target is gone still says where that was. */
function followLink(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (!isAbsence(error)) throw error
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    return isLink ? resolve(dirname(path), readlinkSync(path)) : path
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
