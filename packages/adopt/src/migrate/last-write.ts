/**
 * Remembers what the last write of migrate replaced, so that it can be put back as a whole.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { toContentHash } from '../engine/source-text.ts'
import { writeAllOrNothing } from './write-all.ts'
import type { PlannedWrite } from './write-all.ts'

/** The cache of tools: outside the code base's own files, and outside of git. */
const journalName = 'node_modules/.cache/user-execution-context/last-write.json'

type Journal = {
  readonly version: 1
  readonly files: readonly { readonly file: string; readonly hash: string; readonly before: string }[]
}

/**
 * Writes all files or none, and remembers the bytes that they had.
 *
 * @returns Puts everything back at once, whatever happened to the files since, and forgets the write.
 * @throws {AdoptError} As `writeAllOrNothing`.
 */
export const writeAndRemember = (root: string, writes: readonly PlannedWrite[]): (() => void) => {
  const path = join(root, journalName)
  const older = existsSync(path) ? readFileSync(path) : undefined
  const journal: Journal = {
    version: 1,
    files: writes.flatMap(({ file, bytes }) =>
      bytes ? [{ file, hash: toContentHash(bytes), before: readFileSync(join(root, file)).toString('base64') }] : [],
    ),
  }
  const forget = (): void => {
    if (older) writeFileSync(path, older)
    else rmSync(path, { force: true })
  }
  // Before the write: an interruption after it still finds the way back.
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(journal))
  try {
    writeAllOrNothing(root, writes)
  } catch (error) {
    forget()
    throw error
  }
  return () => {
    const before = journal.files.map((one) => ({ file: one.file, bytes: Buffer.from(one.before, 'base64') }))
    writeAllOrNothing(root, before)
    forget()
  }
}

/**
 * Puts back what the last write replaced: all files or none.
 *
 * @returns The files, relative to the root.
 * @throws {AdoptError} `NOTHING_TO_UNDO` when there is no write to undo, `FILE_CHANGED` when a file changed since.
 */
export const undoLastWrite = (root: string): string[] => {
  const path = join(root, journalName)
  if (!existsSync(path))
    throw new AdoptError('NOTHING_TO_UNDO', `migrate has not written to ${root}, or its write was undone already.`)
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as Journal
  const writes = files.map(({ file, hash, before }) => ({ file, hash, bytes: Buffer.from(before, 'base64') }))
  try {
    writeAllOrNothing(root, writes)
  } catch (cause) {
    if (!(cause instanceof AdoptError) || cause.code !== 'FILE_CHANGED') throw cause
    throw new AdoptError(
      'FILE_CHANGED',
      `${cause.file} changed since migrate wrote it, so nothing was put back. Take the change out and undo ` +
        'again, or use git.',
      { cause, ...(cause.file !== undefined && { file: cause.file }) },
    )
  }
  rmSync(path)
  return files.map(({ file }) => file)
}
