/**
 * What an answer depends on beside the files of the tree: declarations of packages, their manifests, the tsconfig
 * files,
 * and which packages there are. Each is kept with the digest of its content.
 */
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readJsonc } from '../../engine/read-jsonc.ts'
import type { SourceTree } from '../../engine/source-tree.ts'
import type { FindBase } from '../../engine/tsconfig-bases.ts'
import type { FileOutline } from '../file-facts.ts'

/** A file or directory and the digest of its content or of the names in it; null when it is not there. */
export type OutsideFile = readonly [path: string, digest: string | null]

/** True when none of them changed. */
export const areUnchanged = (files: readonly OutsideFile[]): boolean =>
  files.every(([path, digest]) => digestOf(path) === digest)

/** The digests as they are now. A path that ends in a slash is a directory. */
export const withDigests = (paths: Iterable<string>): OutsideFile[] =>
  [...new Set(paths)].sort().map((path) => [path, digestOf(path)])

const digestOf = (path: string): string | null => {
  try {
    return hash('sha256', path.endsWith('/') ? namesIn(path) : readFileSync(path), 'hex')
  } catch {
    return null
  }
}

/** A directory without packages is like one that is not there: this tool's own cache may be the first to make it. */
const namesIn = (directory: string): string => {
  const names = readdirSync(directory).filter((name) => !name.startsWith('.'))
  if (names.length === 0) throw new Error('nothing stands in it')
  return names.sort().join('\n')
}

/** tsconfig files with everything that they extend, also where a base is looked for and not found. */
export const configChain = (configs: readonly string[], findBase: FindBase): string[] => {
  const seen = new Set<string>()
  const follow = (config: string): void => {
    if (seen.has(config)) return
    seen.add(config)
    for (const base of [extendsOf(config)].flat()) {
      if (typeof base !== 'string') continue
      for (const path of placesOf(base, dirname(config))) follow(path)
      // One that a package of the tree holds, which nothing links.
      const found = findBase(base, config)
      if (found) follow(found.file)
    }
  }
  configs.forEach(follow)
  return [...seen]
}

const extendsOf = (config: string): unknown => {
  try {
    return (readJsonc(readFileSync(config, 'utf8').replace(/^\uFEFF/, '')) as { extends?: unknown } | null)?.extends
  } catch {
    return undefined
  }
}

const placesOf = (base: string, directory: string): string[] => {
  const spellings = (path: string): string[] => [
    path,
    `${path}.json`,
    join(path, 'tsconfig.json'),
    join(path, 'package.json'),
  ]
  if (/^[./]/.test(base)) return spellings(resolve(directory, base)).slice(0, 3)
  return packageDirectories(directory).flatMap((modules) => [
    join(modules, packageOf(base), 'package.json'),
    ...spellings(join(modules, base)),
  ])
}

/**
 * Directories of packages that the tree sees, what stands in them, and the manifest of every package that it imports: a
 * package that comes, goes or changes its exports changes them.
 */
export const packageFiles = (tree: SourceTree, outlines: Iterable<FileOutline>): string[] => {
  const names = new Set(['@types/node'])
  const relative = new Set<string>()
  for (const { file, modules } of outlines) {
    for (const module of modules) {
      if (module.startsWith('.')) relative.add(dirname(join(dirname(file), module)))
      else names.add(packageOf(module))
    }
  }
  const homes = new Set([tree.root, ...tree.packageFiles.map((file) => dirname(file))].flatMap(packageDirectories))
  const directories = [...homes].filter((directory) => existsSync(directory))
  return [
    ...[...homes].map((directory) => `${directory}/`),
    ...directories.map((directory) => `${directory}/@types/`),
    // A relative import may lead to a directory that the tree does not read.
    ...[...relative]
      .filter((directory) => /\/(?:dist|coverage|bower_components)(?:\/|$)/.test(directory))
      .map((one) => `${one}/`),
    ...directories.flatMap((directory) =>
      [...names].flatMap((name) => {
        const home = join(directory, name)
        const types = join(directory, '@types', name.replace(/^@/, '').replace('/', '__'))
        return [`${home}/package.json`, `${home}/`, `${types}/package.json`]
      }),
    ),
  ]
}

const packageOf = (module: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module

/** node_modules of a directory and of those above it. */
const packageDirectories = (directory: string): string[] => {
  const own = join(directory, 'node_modules')
  return dirname(directory) === directory ? [own] : [own, ...packageDirectories(dirname(directory))]
}
