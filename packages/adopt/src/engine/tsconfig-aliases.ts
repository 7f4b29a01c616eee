/**
 * The path aliases of a tree as its tsconfig files declare them, for files whose tsconfig a resolver refuses: a base
 * that is not there takes nothing away from what the tsconfig says itself.
 */
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type FindBase, readConfigChain } from './tsconfig-bases.ts'

/** Absolute paths, the best one first, that a module name may mean in a file by an alias. */
export type FindAliased = (file: string, specifier: string) => readonly string[]

/** Aliases of the nearest tsconfig.json above each file, and of those that it refers to. */
export const newAliasFinder = (findBase: FindBase): FindAliased => {
  const aliases = new Map<string, readonly Aliases[]>()
  const aliasesIn = (directory: string): readonly Aliases[] => {
    const known = aliases.get(directory)
    if (known) return known
    const config = join(directory, 'tsconfig.json')
    const above = dirname(directory)
    const found = existsSync(config) ? readAliases(config, findBase) : above === directory ? [] : aliasesIn(above)
    aliases.set(directory, found)
    return found
  }
  return (file, specifier) =>
    /^[./]/.test(specifier) ? [] : aliasesIn(dirname(file)).flatMap((one) => placesIn(one, specifier))
}

type Aliases = {
  /** Exact names first, then the longest beginning, as compilers take them. */
  readonly patterns: readonly { readonly start: string; readonly end: string | undefined; readonly places: string[] }[]
  readonly baseUrl: string | undefined
}

const readAliases = (config: string, findBase: FindBase): Aliases[] => {
  const chain = readConfigChain(config, findBase)
  const references = chain[0]?.content['references']
  const referred = (Array.isArray(references) ? references : []).flatMap((reference: { path?: unknown }) => {
    if (typeof reference?.path !== 'string') return []
    const path = resolve(dirname(config), reference.path)
    return path.endsWith('.json') ? path : join(path, 'tsconfig.json')
  })
  return [config, ...referred].map((file) => aliasesOf(file, findBase))
}

const aliasesOf = (config: string, findBase: FindBase): Aliases => {
  const chain = new Map(readConfigChain(config, findBase).map((link) => [link.file, link]))
  /** The nearest tsconfig that sets an option, and its value: own before extended, and the last of several. */
  const optionOf = (file: string, name: string, seen: readonly string[] = []): [string, unknown] | undefined => {
    const link = seen.includes(file) ? undefined : chain.get(file)
    const own = (link?.content['compilerOptions'] as Record<string, unknown> | undefined)?.[name]
    if (own !== undefined) return [file, own]
    const bases = (link?.bases ?? []).flatMap(({ found }) => found?.file ?? []).reverse()
    return bases.map((base) => optionOf(base, name, [...seen, file])).find((found) => found !== undefined)
  }
  const toAbsolute = (place: string, directory: string): string => {
    const path = place.replace('${configDir}', dirname(config))
    return isAbsolute(path) ? path : join(directory, path)
  }
  const [urlFile = config, url] = optionOf(config, 'baseUrl') ?? []
  const baseUrl = typeof url === 'string' ? toAbsolute(url, dirname(urlFile)) : undefined
  const [pathsFile = config, paths] = optionOf(config, 'paths') ?? []
  const directory = baseUrl ?? dirname(pathsFile)
  const patterns = Object.entries((paths ?? {}) as Record<string, unknown>).map(([pattern, places]) => {
    const [start = '', end] = pattern.split('*')
    const texts = Array.isArray(places) ? places.filter((place) => typeof place === 'string') : []
    return { start, end, places: texts.map((place) => toAbsolute(place, directory)) }
  })
  patterns.sort((a, b) => Number(b.end === undefined) - Number(a.end === undefined) || b.start.length - a.start.length)
  return { patterns, baseUrl }
}

const placesIn = ({ patterns, baseUrl }: Aliases, specifier: string): string[] => {
  const pattern = patterns.find(({ start, end }) =>
    end === undefined
      ? specifier === start
      : specifier.length >= start.length + end.length && specifier.startsWith(start) && specifier.endsWith(end),
  )
  const held = pattern && specifier.slice(pattern.start.length, specifier.length - (pattern.end?.length ?? 0))
  return [
    ...(pattern?.places.map((place) => place.replace('*', held ?? '')) ?? []),
    ...(baseUrl === undefined ? [] : [join(baseUrl, specifier)]),
  ]
}
