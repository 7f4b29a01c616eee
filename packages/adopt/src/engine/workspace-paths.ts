/**
 * Maps each workspace package of the tree to its sources, so that unbuilt workspaces and a missing node_modules
 * resolve.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SourceTree } from './source-tree.ts'

/**
 * A workspace package: its name, its directory, and which compiler its users run (major version, undefined when
 * unknown).
 */
export type WorkspacePackage = {
  readonly name: string
  readonly directory: string
  readonly compilerMajor: number | undefined
  readonly manifest: Manifest
}

type Manifest = Readonly<Record<string, unknown>>

/** Every readable package.json of the tree. */
export const readWorkspacePackages = (tree: SourceTree): WorkspacePackage[] =>
  tree.packageFiles.flatMap((file) => {
    const manifest = readManifest(file)
    if (!manifest) return []
    const directory = dirname(file)
    return [
      {
        name: String(manifest['name'] ?? ''),
        directory,
        compilerMajor: compilerMajorOf(manifest, directory),
        manifest,
      },
    ]
  })

/**
 * `paths` entries for the packages whose sources are in the tree: the main entry point, each subpath, and deep imports.
 */
export const toWorkspacePaths = (packages: readonly WorkspacePackage[], tree: SourceTree): Record<string, string[]> => {
  const paths = new Map<string, string[]>()
  for (const { name, directory, manifest } of packages) {
    if (name === '') continue
    for (const [entry, built] of entriesOf(manifest)) {
      const sources = sourcesOf(directory, entry, built).filter((path) => tree.files.has(path))
      if (sources.length > 0) paths.set(entry === '.' ? name : `${name}/${entry.slice(2)}`, sources)
    }
    if (!hasSources(directory, tree)) continue
    paths.set(`${name}/*`, [join(directory, '*'), join(directory, 'src/*')])
    // Deep imports into what a build would write.
    for (const built of ['lib', 'dist', 'build'])
      paths.set(`${name}/${built}/*`, [join(directory, built, '*'), join(directory, 'src/*')])
  }
  return Object.fromEntries(paths)
}

const hasSources = (directory: string, tree: SourceTree): boolean => {
  for (const file of tree.files.keys()) if (file.startsWith(`${directory}/`)) return true
  return false
}

/** Pairs of entry point and built file: `.` and what `types`, `main` and `exports` name. */
const entriesOf = (manifest: Manifest): [string, string | undefined][] => {
  const entries: [string, string | undefined][] = [
    ['.', firstText(manifest['types'] ?? manifest['typings'] ?? manifest['main'])],
  ]
  const exports = manifest['exports']
  if (typeof exports === 'string') entries.push(['.', exports])
  else if (typeof exports === 'object' && exports !== null) {
    for (const [key, value] of Object.entries(exports)) {
      if (key.startsWith('.') && !key.includes('*')) entries.push([key, firstText(value)])
    }
  }
  return entries.reverse() // exports win over main: the later entry is set last
}

const firstText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  const conditions = value as Record<string, unknown>
  for (const key of ['types', 'import', 'default', 'require']) {
    const text = Object.hasOwn(conditions, key) ? firstText(conditions[key]) : undefined
    if (text !== undefined) return text
  }
  return undefined
}

/** Where the source of a built file may stand: dist and friends read as src, or at the root; then the usual names. */
const sourcesOf = (directory: string, entry: string, built: string | undefined): string[] => {
  const stem = built?.replace(/^\.\//, '').replace(/(\.d)?\.[cm]?[jt]sx?$/, '')
  const moved = stem === undefined ? [] : [stem, stem.replace(/^[^/]+\//, 'src/'), stem.replace(/^[^/]+\//, '')]
  const usual =
    entry === '.' ? ['src/index', 'index', 'src/main', 'lib/index'] : [`src/${entry.slice(2)}`, entry.slice(2)]
  return [...moved, ...usual].flatMap((path) =>
    ['.ts', '.tsx', '.mts', '/index.ts'].map((extension) => `${directory}/${path}${extension}`),
  )
}

/**
 * The major version of the compiler that the package's people run: installed, else declared. It is only read, never
 * run.
 */
const compilerMajorOf = (manifest: Manifest, directory: string): number | undefined => {
  const installed = readManifest(join(directory, 'node_modules/typescript/package.json'))
  const declared = {
    ...(manifest['dependencies'] as object),
    ...(manifest['devDependencies'] as object),
    ...(manifest['peerDependencies'] as object),
  } as Record<string, unknown>
  const major = /\d+/.exec(String(installed?.['version'] ?? declared['typescript'] ?? ''))?.[0]
  return major === undefined ? undefined : Number(major)
}

const readManifest = (file: string): Manifest | undefined => {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? (manifest as Manifest) : undefined
  } catch {
    return undefined // a broken manifest resolves nothing; the trust figure shows what stays open
  }
}
