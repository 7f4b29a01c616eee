/**
 * One source file as the tool sees it: text without its byte order mark, and how to write it back.
 */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { AdoptError } from '../adopt-error.ts'

/** One file as it was read. Offsets everywhere in the tool count in `text`; line ends are as on disk. */
export type SourceText = {
  /** Absolute, with forward slashes. */
  readonly path: string
  /** Without the byte order mark. */
  readonly text: string
  readonly hasBom: boolean
  /** SHA-256 of the bytes, in hex: proof that nobody changed the file meanwhile. */
  readonly digest: string
  /** Size and times when it was read: a cheap first look at whether it changed. */
  readonly stamp: string
}

/** A file or link that was left out. `text` is what could be read of it, to see whether it matters. */
export type SkippedFile = { readonly path: string; readonly reason: string; readonly text: string }

/** Reads one source file. @throws AdoptError `FILE_UNREADABLE` when it is absent, unreadable or not UTF-8. */
export const readSource = (path: string): SourceText => {
  const source = tryReadSource(path)
  if (!('reason' in source)) return source
  throw new AdoptError('FILE_UNREADABLE', `Cannot read ${path}: ${source.reason}.`, { file: path })
}

/** The same, with the reason where it cannot be read. */
export const tryReadSource = (path: string): SourceText | SkippedFile => {
  try {
    const stamp = stampOf(path)
    const bytes = readFileSync(path)
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
      return { path, reason: 'it is UTF-16; save it as UTF-8', text: bytes.toString('utf16le') }
    if (!isUtf8(bytes)) return { path, reason: 'it is not UTF-8; save it as UTF-8', text: bytes.toString('latin1') }
    const raw = bytes.toString('utf8')
    const hasBom = raw.startsWith(byteOrderMark)
    return { path, text: hasBom ? raw.slice(1) : raw, hasBom, digest: toContentHash(bytes), stamp }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    return { path, reason: `it cannot be read (${code})`, text: '' }
  }
}

/** Size, file number and times of a file. */
export const stampOf = (path: string): string => {
  const { size, ino, mtimeMs, ctimeMs } = statSync(path)
  return `${size} ${ino} ${mtimeMs} ${ctimeMs}`
}

/** Bytes of a new text, with the byte order mark that the file had. */
export const toFileBytes = ({ hasBom }: Pick<SourceText, 'hasBom'>, text: string): Buffer =>
  Buffer.from(hasBom ? `${byteOrderMark}${text}` : text, 'utf8')

/** SHA-256 of file content, in hex. */
export const toContentHash = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')

const byteOrderMark = '\uFEFF'
