/**
 * Reads the TypeScript files of a directory tree once, so that every later step looks at the same texts.
 * Never follows a link out of the tree, and refuses links that go round in a circle.
 */
import { hash } from 'node:crypto'
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { AdoptError } from '../adopt-error.ts'

/** One file as it was read. Offsets everywhere in the tool count in `text`. */
export type SourceText = {
  /** Absolute, with forward slashes. */
  readonly path: string
  /** Without the byte order mark. */
  readonly text: string
  readonly hasBom: boolean
  /** First 16 hex digits of the SHA-256 of the bytes. */
  readonly digest: string
  /** Size and times when it was read: a cheap first look at whether it changed. */
  readonly stamp: string
}

export type SourceTree = {
  readonly root: string
  /** By absolute path, in order of path. */
  readonly files: ReadonlyMap<string, SourceText>
  /** Every tsconfig.json, nearest to the leaves first. */
  readonly configFiles: readonly string[]
  /** Every package.json, the root's included. */
  readonly packageFiles: readonly string[]
}

const sourceName = /\.[cm]?tsx?$/
const skipped = new Set(['node_modules', 'dist', 'coverage', 'bower_components'])

/**
 * Walks the tree and reads its TypeScript files.
 * @throws AdoptError `SYMLINK_LOOP`, `FILE_UNREADABLE`, or `NO_TYPESCRIPT` when there is no TypeScript file at all.
 */
export const readSourceTree = (root: string): SourceTree => {
  const found = { sources: [] as string[], configs: [] as string[], packages: [] as string[] }
  walk(root, root, found)
  if (found.sources.length === 0) {
    throw new AdoptError('NO_TYPESCRIPT', `No TypeScript file in ${root}. Name the directory that holds the sources.`, {
      file: root,
    })
  }
  const files = new Map(found.sources.sort().map((path) => [path, readSource(path)]))
  const configFiles = found.configs.sort((a, b) => depthOf(b) - depthOf(a) || (a < b ? -1 : 1))
  return { root: toSlashes(root), files, configFiles, packageFiles: found.packages.sort() }
}

/** Reads one source file. @throws AdoptError `FILE_UNREADABLE` */
export const readSource = (path: string): SourceText => {
  try {
    const stamp = stampOf(path)
    const bytes = readFileSync(path)
    const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe
    const raw = utf16 ? bytes.toString('utf16le') : bytes.toString('utf8')
    const hasBom = raw.charCodeAt(0) === 0xfeff
    const digest = hash('sha256', bytes, 'hex').slice(0, 16)
    return { path, text: hasBom ? raw.slice(1) : raw, hasBom, digest, stamp }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/**
 * Compares the files on disk with what was read.
 * @throws AdoptError `FILE_CHANGED` naming the first file that differs: what was found may not hold for it.
 */
export const assertUnchanged = (tree: SourceTree): void => {
  for (const { path, digest, stamp } of tree.files.values()) {
    if (isUntouched(path, stamp, digest)) continue
    const message = `${relative(tree.root, path)} changed while it was being analysed. Run again when nothing writes to the tree.`
    throw new AdoptError('FILE_CHANGED', message, { file: path })
  }
}

/** Same size and times, or the same bytes again. */
const isUntouched = (path: string, stamp: string, digest: string): boolean => {
  try {
    return stampOf(path) === stamp || readSource(path).digest === digest
  } catch {
    return false
  }
}

const stampOf = (path: string): string => {
  const { size, ino, mtimeMs, ctimeMs } = statSync(path)
  return `${size} ${ino} ${mtimeMs} ${ctimeMs}`
}

export const toSlashes = (path: string): string => (sep === '/' ? path : path.replaceAll(sep, '/'))

const walk = (
  directory: string,
  root: string,
  found: { sources: string[]; configs: string[]; packages: string[] },
): void => {
  for (const entry of list(directory)) {
    const path = join(directory, entry.name)
    const kind = entry.isSymbolicLink()
      ? followed(path, directory, root)
      : entry.isDirectory()
        ? 'directory'
        : entry.isFile()
          ? 'file'
          : 'other'
    if (kind === 'directory') {
      if (!skipped.has(entry.name) && !entry.name.startsWith('.')) walk(path, root, found)
    } else if (kind === 'file') {
      if (sourceName.test(entry.name)) found.sources.push(toSlashes(path))
      else if (entry.name === 'tsconfig.json') found.configs.push(toSlashes(path))
      else if (entry.name === 'package.json') found.packages.push(toSlashes(path))
    }
  }
}

const list = (directory: string): Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (cause) {
    throw unreadable(directory, cause)
  }
}

/** A link to a file is read where it stands; a link to a directory of the tree is walked there, not here. */
const followed = (path: string, directory: string, root: string): 'file' | 'other' => {
  try {
    const target = realpathSync(path)
    const here = realpathSync(directory)
    if (here === target || here.startsWith(target + sep)) throw loop(path, root)
    return statSync(target).isFile() && !target.startsWith(realpathSync(root) + sep) ? 'file' : 'other'
  } catch (cause) {
    if (cause instanceof AdoptError) throw cause
    if ((cause as NodeJS.ErrnoException).code === 'ELOOP') throw loop(path, root)
    return 'other' // a dangling link is nothing that a compiler reads
  }
}

const loop = (path: string, root: string): AdoptError =>
  new AdoptError(
    'SYMLINK_LOOP',
    `The link ${relative(root, path)} leads back to a directory that holds it. Remove it or scan a directory beside it.`,
    { file: path },
  )

const unreadable = (path: string, cause: unknown): AdoptError =>
  new AdoptError(
    'FILE_UNREADABLE',
    `Cannot read ${path} (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
    { file: path, cause },
  )

const depthOf = (path: string): number => path.split('/').length
