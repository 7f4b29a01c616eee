/**
 * Reads the TypeScript files of a directory tree once, so that every later step looks at the same texts.
 * Never follows a link out of the tree. What cannot be read is left out and named; it does not stop the rest.
 */
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import { AdoptError } from '../adopt-error.ts'
import { readSource, stampOf, tryReadSource, type SkippedFile, type SourceText } from './source-text.ts'

/** Globs relative to the root. Left out, everything is read. */
export type Selection = { readonly include?: readonly string[]; readonly exclude?: readonly string[] }

export type SourceTree = {
  readonly root: string
  /** By absolute path, in order of path. */
  readonly files: ReadonlyMap<string, SourceText>
  /** Every tsconfig.json, nearest to the leaves first. */
  readonly configFiles: readonly string[]
  /** Every package.json, the root's included. */
  readonly packageFiles: readonly string[]
  readonly skipped: readonly SkippedFile[]
  /** Vue, Svelte and Astro files: their scripts are not read. */
  readonly componentFiles: readonly string[]
  /** JavaScript files, whether they are read or not: an import may lead to them. */
  readonly scriptFiles: readonly string[]
}

const sourceName = /\.[cm]?tsx?$/
const scriptName = /\.[cm]?jsx?$/
const componentName = /\.(?:vue|svelte|astro)$/
const skippedDirectories = new Set(['node_modules', 'dist', 'coverage', 'bower_components'])

/** Told on the way: a large directory takes long to list, and longer to read. */
export type ReadListener = {
  /** @param total 0 while it is not known, which is until all are listed */
  readonly onFiles?: (done: number, total: number) => void
  /** Called before a text is read, where there is one: refuses what needs no reading to be refused. */
  readonly onListed?: (listed: Pick<SourceTree, 'root' | 'configFiles'>) => void
}

/**
 * Walks the tree and reads its TypeScript files, and JavaScript below a tsconfig that checks it.
 * @throws AdoptError `NO_TYPESCRIPT` when there is no TypeScript file at all.
 */
export const readSourceTree = (
  root: string,
  { include, exclude }: Selection = {},
  { onFiles = () => undefined, onListed = () => undefined }: ReadListener = {},
): SourceTree => {
  const found: Found = { sources: [], scripts: [], configs: [], packages: [], components: [], skipped: [] }
  const isIncluded = include ? picomatch([...include], { dot: true }) : () => true
  const isExcluded = exclude ? picomatch([...exclude], { dot: true }) : () => false
  const isWanted = (path: string): boolean => {
    const name = toSlashes(relative(root, path))
    return isIncluded(name) && !isExcluded(name)
  }
  const onDirectory = (): void => onFiles(found.sources.length, 0)
  walk(root, root, found, onDirectory)
  onDirectory()
  const configFiles = found.configs.sort((a, b) => depthOf(b) - depthOf(a) || (a < b ? -1 : 1))
  const checked = found.configs.filter(checksScripts).map((config) => `${dirname(config)}/`)
  const scripts = found.scripts.filter((path) => checked.some((directory) => path.startsWith(directory)))
  const files = new Map<string, SourceText>()
  const skipped = found.skipped.filter(({ path }) => isWanted(path))
  const wanted = [...found.sources, ...scripts].filter(isWanted).sort()
  if (wanted.length > 0) onListed({ root: toSlashes(root), configFiles })
  for (const [at, path] of wanted.entries()) {
    onFiles(at, wanted.length)
    const source = tryReadSource(path)
    if ('reason' in source) skipped.push(source)
    else files.set(path, source)
  }
  if (files.size === 0 && skipped.length === 0) {
    throw new AdoptError('NO_TYPESCRIPT', `No TypeScript file in ${root}. Name the directory that holds the sources.`, {
      file: root,
    })
  }
  return {
    root: toSlashes(root),
    files,
    configFiles,
    packageFiles: found.packages.sort(),
    skipped,
    componentFiles: found.components.filter(isWanted).sort(),
    scriptFiles: found.scripts.sort(),
  }
}

/**
 * Compares the files on disk with what was read.
 * @throws AdoptError `FILE_CHANGED` naming the first file that differs: what was found may not hold for it.
 */
export const assertUnchanged = (tree: SourceTree): void => {
  for (const { path, digest, stamp } of tree.files.values()) {
    if (isUntouched(path, stamp, digest)) continue
    const message = `${relative(tree.root, path)} changed while it was being analysed.`
    throw new AdoptError('FILE_CHANGED', `${message} Run again when nothing writes to the tree.`, { file: path })
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

export const toSlashes = (path: string): string => (sep === '/' ? path : path.replaceAll(sep, '/'))

type Found = {
  readonly sources: string[]
  readonly scripts: string[]
  readonly configs: string[]
  readonly packages: string[]
  readonly components: string[]
  readonly skipped: SkippedFile[]
}

const walk = (directory: string, root: string, found: Found, onDirectory: () => void): void => {
  onDirectory()
  for (const entry of list(directory, found)) {
    const path = join(directory, entry.name)
    const kind = entry.isSymbolicLink()
      ? followed(path, directory, root, found)
      : entry.isDirectory()
        ? 'directory'
        : entry.isFile()
          ? 'file'
          : 'other'
    if (kind === 'directory') {
      if (!skippedDirectories.has(entry.name) && !entry.name.startsWith('.')) walk(path, root, found, onDirectory)
    } else if (kind === 'file') {
      if (sourceName.test(entry.name)) found.sources.push(toSlashes(path))
      else if (scriptName.test(entry.name)) found.scripts.push(toSlashes(path))
      else if (componentName.test(entry.name)) found.components.push(toSlashes(path))
      else if (entry.name === 'tsconfig.json') found.configs.push(toSlashes(path))
      else if (entry.name === 'package.json') found.packages.push(toSlashes(path))
    }
  }
}

const list = (directory: string, found: Found): Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    found.skipped.push({ path: toSlashes(directory), reason: `the directory cannot be read (${code})`, text: '' })
    return []
  }
}

/** A link to a file is read where it stands; a link to a directory of the tree is walked there, not here. */
const followed = (path: string, directory: string, root: string, found: Found): 'file' | 'other' => {
  const skip = (): 'other' => {
    found.skipped.push({ path: toSlashes(path), reason: 'the link leads back to itself', text: '' })
    return 'other'
  }
  try {
    const target = realpathSync(path)
    const here = realpathSync(directory)
    if (here === target || here.startsWith(target + sep)) return skip()
    return statSync(target).isFile() && !target.startsWith(realpathSync(root) + sep) ? 'file' : 'other'
  } catch (cause) {
    // A dangling link is nothing that a compiler reads.
    return (cause as NodeJS.ErrnoException).code === 'ELOOP' ? skip() : 'other'
  }
}

/** Own text only: a base that switches it on is the compiler's to read. */
const checksScripts = (config: string): boolean => {
  try {
    return /"checkJs"\s*:\s*true/.test(readFileSync(config, 'utf8'))
  } catch {
    return false
  }
}

const depthOf = (path: string): number => path.split('/').length
