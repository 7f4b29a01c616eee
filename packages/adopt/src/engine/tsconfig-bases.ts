/**
 * Finds what a tsconfig extends, also where it names a package of the same tree that no node_modules links, and writes
 * such a tsconfig so that a compiler needs no link.
 */
import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { readJsonc } from './read-jsonc.ts'
import { toSlashes } from './source-tree.ts'
import type { WorkspacePackage } from './workspace-paths.ts'

/** A file that a tsconfig extends. */
export type FoundBase = {
  readonly file: string
  /** True when a compiler finds it by itself. */
  readonly isLinked: boolean
}

/** The file that `base` means in a tsconfig; undefined when it is not there. */
export type FindBase = (base: string, configFile: string) => FoundBase | undefined

/** Looks where compilers look, then among the packages of the tree. */
export const newBaseFinder =
  (packages: readonly WorkspacePackage[]): FindBase =>
  (base, configFile) => {
    const directory = dirname(configFile)
    if (base.startsWith('.') || isAbsolute(base)) {
      const path = resolve(directory, base)
      const file = firstFile([path, `${path}.json`, join(path, 'tsconfig.json')])
      return file === undefined ? undefined : { file, isLinked: true }
    }
    const [, name = '', inside = ''] = /^((?:@[^/]+\/)?[^/]+)\/?(.*)$/.exec(base) ?? []
    for (let above = directory; ; above = dirname(above)) {
      const installed = join(above, 'node_modules', name)
      const file = findInPackage(installed, readObject(join(installed, 'package.json')), inside)
      if (file !== undefined) return { file, isLinked: true }
      if (dirname(above) === above) break
    }
    for (const { directory, manifest } of packages.filter((one) => one.name === name)) {
      const file = findInPackage(directory, manifest, inside)
      if (file !== undefined) return { file, isLinked: false }
    }
    return undefined
  }

/** One tsconfig of a chain, and the bases that it names in order. */
export type ConfigLink = {
  readonly file: string
  readonly content: Readonly<Record<string, unknown>>
  readonly bases: readonly { readonly named: string; readonly found: FoundBase | undefined }[]
}

/** A tsconfig and all that it extends, each once; what cannot be read is left out. */
export const readConfigChain = (configFile: string, findBase: FindBase): ConfigLink[] => {
  const chain = new Map<string, ConfigLink>()
  const follow = (file: string): void => {
    const content = chain.has(file) ? undefined : readObject(file)
    if (!content) return
    const named = [content['extends']].flat().filter((one) => typeof one === 'string')
    const bases = named.map((base) => ({ named: base, found: findBase(base, file) }))
    chain.set(file, { file, content, bases })
    for (const { found } of bases) if (found) follow(found.file)
  }
  follow(configFile)
  return [...chain.values()]
}

/**
 * Texts of those tsconfig files whose bases a compiler does not find by itself: a base in the tree is named by its
 * path, and one that is nowhere is left out, so that what the tsconfig says itself still counts.
 */
export const completeConfigs = (configFiles: readonly string[], findBase: FindBase): Map<string, string> => {
  const texts = new Map<string, string>()
  for (const { file, content, bases } of configFiles.flatMap((config) => readConfigChain(config, findBase))) {
    if (bases.every(({ found }) => found?.isLinked)) continue
    const found = bases.flatMap((base) => (base.found ? (base.found.isLinked ? base.named : base.found.file) : []))
    texts.set(file, JSON.stringify({ ...content, extends: found }))
  }
  return texts
}

const findInPackage = (
  directory: string,
  manifest: Readonly<Record<string, unknown>> | undefined,
  inside: string,
): string | undefined => {
  const exported = (key: string): string | undefined => exportedAs(manifest?.['exports'], key)
  const places =
    inside === ''
      ? [manifest?.['tsconfig'], exported('.'), 'tsconfig.json']
      : [exported(`./${inside}`), exported(`./${inside}.json`), inside, `${inside}.json`, `${inside}/tsconfig.json`]
  return firstFile(places.flatMap((place) => (typeof place === 'string' ? join(directory, place) : [])))
}

/** What `exports` of a manifest gives for a key, patterns included, whatever the condition. */
const exportedAs = (exports: unknown, key: string): string | undefined => {
  if (typeof exports !== 'object' || exports === null) return undefined
  const entries = Object.entries(exports)
  const exact = entries.find(([name]) => name === key)
  if (exact) return firstText(exact[1])
  for (const [name, value] of entries) {
    const [start = '', end] = name.split('*')
    if (end === undefined || !key.startsWith(start) || !key.endsWith(end)) continue
    return firstText(value)?.replaceAll('*', key.slice(start.length, key.length - end.length))
  }
  return undefined
}

const firstText = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'object' && value !== null
      ? Object.values(value)
          .map(firstText)
          .find((text) => text !== undefined)
      : undefined

const firstFile = (places: readonly string[]): string | undefined => {
  const found = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile())
  return found === undefined ? undefined : toSlashes(found)
}

/** The object that a file of JSON with comments holds; undefined when it holds none. */
const readObject = (file: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const content = readJsonc(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
