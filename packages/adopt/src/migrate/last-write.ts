/**
 * Remembers what the last write of migrate replaced, so that it can be put back as a whole.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { toContentHash } from '../engine/source-text.ts'
import { putFilesBack, readIfThere, removeLeftovers } from './put-back.ts'
import type { FormerFile } from './put-back.ts'
import { adviceOf, reasonOf, removeQuietly } from '../file-refusal.ts'
import { writeAllOrNothing } from './write-all.ts'
import type { PlannedWrite } from './write-all.ts'

/** The cache of tools: outside the code base's own files, and outside of git. */
const journalName = 'node_modules/.cache/user-execution-context/last-write.json'

/** `hash` is that of the written bytes, `before` holds the replaced ones as base64, `pid` is the process that wrote. */
type Journal = {
  readonly version: 1
  readonly pid?: number
  readonly files: readonly JournalFile[]
}
type JournalFile = { readonly file: string; readonly hash: string; readonly before: string; readonly mode?: number }

/**
 * Writes all files or none, and remembers the bytes that they had.
 *
 * @returns Puts everything back at once, whatever happened to the files since, and forgets the write. What cannot be
 *   put back is named in its error, and stays remembered.
 * @throws {AdoptError} As `writeAllOrNothing`.
 */
export const writeAndRemember = (root: string, writes: readonly PlannedWrite[]): (() => void) => {
  const journal: Journal = {
    version: 1,
    pid: process.pid,
    files: writes.flatMap(({ file, bytes }) => (bytes ? [toJournalFile(root, file, bytes)] : [])),
  }
  // Before the write: an interruption after it still finds the way back.
  const forget = remember(root, journal)
  try {
    writeAllOrNothing(root, writes)
  } catch (error) {
    forget()
    throw error
  }
  return () => {
    putFilesBack(root, journal.files.map(toFormer))
    forget()
  }
}

/**
 * Puts back what the last write replaced: all files or none. A file that is gone is made again, and one that a crash
 * left as it was stays.
 *
 * @returns The files, relative to the root.
 * @throws {AdoptError} `NOTHING_TO_UNDO` when there is no write to undo, `FILE_UNREADABLE` when its record is damaged,
 *   `FILE_CHANGED` when a file changed since.
 */
export const undoLastWrite = (root: string): string[] => {
  const path = join(root, journalName)
  if (!existsSync(path))
    throw new AdoptError('NOTHING_TO_UNDO', `migrate has not written to ${root}, or its write was undone already.`)
  const { files, pid } = parseJournal(path)
  const found = files.map((one) => ({ one, now: readIfThere(root, one.file) }))
  const changed = found.find(
    ({ one, now }) => now && !now.equals(toFormer(one).bytes) && toContentHash(now) !== one.hash,
  )
  if (changed) throw changedSince(changed.one.file)
  const written = found.flatMap(({ one, now }) => (now && toContentHash(now) === one.hash ? [one] : []))
  try {
    writeAllOrNothing(
      root,
      written.map((one) => ({ ...toFormer(one), hash: one.hash })),
    )
  } catch (cause) {
    throw cause instanceof AdoptError && cause.code === 'FILE_CHANGED' ? changedSince(cause.file, cause) : cause
  }
  putFilesBack(root, files.map(toFormer))
  if (pid !== undefined) for (const { file } of files) removeLeftovers(root, file, pid)
  rmSync(path)
  return files.map(({ file }) => file)
}

function toJournalFile(root: string, file: string, bytes: Buffer): JournalFile {
  const path = join(root, file)
  const before = readFileSync(path).toString('base64')
  return { file, hash: toContentHash(bytes), before, mode: statSync(path).mode & 0o7777 }
}

function toFormer({ file, before, mode }: JournalFile): FormerFile {
  return { file, bytes: Buffer.from(before, 'base64'), mode }
}

/**
 * Replaces the record in one step, and keeps the one before as long as it may be wanted: a disk that fills up takes
 * neither.
 *
 * @returns Puts the record of before in its place again; that needs no room.
 */
function remember(root: string, journal: Journal): () => void {
  const path = join(root, journalName)
  const draft = `${path}.${process.pid}.tmp`
  const older = `${path}.older`
  try {
    mkdirSync(dirname(path), { recursive: true })
    rmSync(older, { force: true })
    writeFileSync(draft, JSON.stringify(journal))
    if (existsSync(path)) copyFileSync(path, older)
    renameSync(draft, path)
  } catch (cause) {
    for (const one of [draft, older]) removeQuietly(one)
    throw new AdoptError(
      'TREE_UNWRITABLE',
      `${relative(root, path)}, which --undo reads, cannot be written (${reasonOf(cause)}): no file was changed. ` +
        adviceOf(cause),
      { file: path, cause },
    )
  }
  return () => {
    if (existsSync(older)) renameSync(older, path)
    else rmSync(path, { force: true })
  }
}

function parseJournal(path: string): Journal {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Journal
    const isWhole = content.files.every(({ file, hash, before }) =>
      [file, hash, before].every((one) => typeof one === 'string'),
    )
    if (content.version === 1 && isWhole) return content
  } catch {
    // Said below.
  }
  throw new AdoptError(
    'FILE_UNREADABLE',
    `${path}, the record of the last write, is damaged or of another version, so nothing was put back. Use git.`,
    { file: path },
  )
}

function changedSince(file: string | undefined, cause?: unknown): AdoptError {
  return new AdoptError(
    'FILE_CHANGED',
    `${file} changed since migrate wrote it, so nothing was put back. Take the change out and undo again, or use git.`,
    { cause, ...(file !== undefined && { file }) },
  )
}
