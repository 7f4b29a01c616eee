/**
 * Files that name the type and were not understood: their sites are not counted, so the report says how many there are.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { newTargetGuess, findLostImports, type LostImport } from './lost-imports.ts'
import { ownType } from './select-canonical.ts'
import type { World } from './world.ts'

/** Files by why they were not understood. Paths are absolute. */
export type BlindSpots = {
  /** An import of the type's name whose module does not resolve. */
  readonly unresolved: readonly string[]
  /** Other imports that do not resolve and may lead to the type. */
  readonly lost: readonly LostImport[]
  /** Vue, Svelte and Astro files that name the type. */
  readonly components: readonly string[]
  readonly generated: readonly string[]
}

const ownPackage = 'user-execution-context'

export const listBlindSpots = (world: World): BlindSpots => {
  const { canonical, tree, facts, resolveModule, resolveName } = world
  const names = new Set([canonical.name, canonical.definition.raw.name])
  const isLost = (file: string, module: string): boolean => resolveModule(file, module) === undefined
  const unresolved = world.asked
    .filter(({ file, imports, exports }) => {
      const isLostName = imports.some(
        ({ imported, local, module }) =>
          (names.has(imported) || (module === ownPackage && canonical.name === ownType)) &&
          (isLost(file, module) ||
            (names.has(imported) && isTreeModule(world, file, module) && !resolveName(file, local))),
      )
      return (
        isLostName ||
        exports.some(({ local, module }) => module !== undefined && names.has(local) && isLost(file, module))
      )
    })
    .map(({ file }) => file)
  const naming = new RegExp(
    `(?<![\\w$])(?:${[...names].map((name) => name.replaceAll('$', '\\$')).join('|')})(?![\\w$])`,
  )
  const components = tree.componentFiles.filter((file) => naming.test(textOf(file)))
  const generated = [...facts.files.values()].filter(({ isGenerated }) => isGenerated).map(({ file }) => file)
  const targets = world.known.filter(({ raw }) => names.has(raw.name)).map(({ file }) => file)
  const isCounted = new Set(world.asked.map(({ file }) => file))
  for (const file of unresolved) isCounted.delete(file)
  const lost = findLostImports(facts.files.values(), resolveModule, newTargetGuess(tree), targets)
  return { unresolved, lost: lost.filter(({ file }) => isCounted.has(file)), components, generated }
}

/** The module is a file of the tree: a name that it does not export is lost there. */
const isTreeModule = ({ tree, resolveModule }: World, file: string, module: string): boolean => {
  const target = resolveModule(file, module)
  return target !== undefined && tree.files.has(target)
}

/** Why a scan that left such files out is partial: one sentence for each sort. */
export const reasonsOf = (spots: BlindSpots, world: World): string[] => {
  const { name } = world.canonical
  const counted = (files: readonly string[], one: string, many: string): string =>
    files.length === 1 ? `1 file ${one}` : `${files.length} files ${many}`
  const first = ([file = '']: readonly string[]): string => `first: ${world.relativePath(file)}`
  const inDirectories = (files: readonly string[]): string => toDirectories(files, world)
  const [lost] = spots.lost
  return [
    ...(spots.unresolved.length > 0
      ? [
          `${counted(spots.unresolved, 'imports', 'import')} ${name} from a module that does not ` +
            `resolve: their sites are not counted (${inDirectories(spots.unresolved)}${first(spots.unresolved)}). ` +
            'Install what is missing, or name the tsconfig whose paths lead there.',
        ]
      : []),
    ...(lost
      ? [
          `${counted(fileOf(spots.lost), 'imports', 'import')} from names of this code base that do not resolve and ` +
            `may lead to ${name}: their sites are not counted (${inDirectories(fileOf(spots.lost))}` +
            `first: ${world.relativePath(lost.file)} imports '${lost.module}'). ` +
            'Name the tsconfig whose paths lead there, or declare what is a package.',
        ]
      : []),
    ...(spots.components.length > 0
      ? [
          counted(
            spots.components,
            `is a Vue, Svelte or Astro component that names ${name}`,
            `are Vue, Svelte or Astro components that name ${name}`,
          ) +
            `: their scripts are not read (${first(spots.components)}). Move the code that handles the context into ` +
            'a TypeScript file, or exclude them.',
        ]
      : []),
  ]
}

const fileOf = (imports: readonly LostImport[]): string[] => imports.map(({ file }) => file)

/** How many directories are named in a sentence. */
const namedDirectories = 5

/** The packages that the files are in, most files first; nothing where the tree has only one. */
const toDirectories = (files: readonly string[], world: World): string => {
  const homes = world.tree.packageFiles.map(dirname).sort((a, b) => b.length - a.length)
  const counts = new Map<string, number>()
  for (const file of files) {
    const home = homes.find((directory) => file.startsWith(`${directory}/`)) ?? world.tree.root
    counts.set(home, (counts.get(home) ?? 0) + 1)
  }
  if (homes.length < 2) return ''
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const named = sorted.slice(0, namedDirectories).map(([home, count]) => `${world.relativePath(home) || '.'} ${count}`)
  return `${named.join(', ')}${sorted.length > namedDirectories ? ', and others' : ''}; `
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
