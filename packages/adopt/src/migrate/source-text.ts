/**
 * One file as migrate sees it: text without its byte order mark (findings and oxc count that way), and how to write it
 * back.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AdoptError } from '../adopt-error.ts'

/** A file as it was read. `text` has no byte order mark; line ends are as on disk. */
export type SourceText = {
  /** Relative to the root, with forward slashes. */
  readonly file: string
  readonly text: string
  readonly hasByteOrderMark: boolean
  /** SHA-256 of the bytes read: proof, before a write, that nobody changed the file meanwhile. */
  readonly hash: string
}

/**
 * Reads one source file.
 *
 * @param root - Absolute path of the tree that is being moved.
 * @param file - Path relative to the root.
 * @throws {AdoptError} `FILE_UNREADABLE` when the file is absent, unreadable or not UTF-8: editing it would damage it.
 */
export const readSourceText = (root: string, file: string): SourceText => {
  try {
    return sourceTextOf(file, readFileSync(join(root, file)))
  } catch (cause) {
    if (cause instanceof AdoptError) throw cause
    throw new AdoptError('FILE_UNREADABLE', `${file} cannot be read: no file was changed.`, { file, cause })
  }
}

/** The same from bytes at hand. */
export const sourceTextOf = (file: string, bytes: Uint8Array): SourceText => {
  const decoded = decode(file, bytes)
  const hasByteOrderMark = decoded.startsWith(byteOrderMark)
  return { file, text: hasByteOrderMark ? decoded.slice(1) : decoded, hasByteOrderMark, hash: toContentHash(bytes) }
}

/** Bytes of the new text, with the byte order mark that the file had. */
export const toFileBytes = (source: SourceText, text: string): Buffer =>
  Buffer.from(source.hasByteOrderMark ? `${byteOrderMark}${text}` : text, 'utf8')

/** SHA-256 of file content, in hex. */
export const toContentHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const byteOrderMark = '\uFEFF'

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new AdoptError(
      'FILE_UNREADABLE',
      `${file} is not UTF-8 text, and editing it would damage it. Convert the file, or exclude it.`,
      { file },
    )
  }
}
