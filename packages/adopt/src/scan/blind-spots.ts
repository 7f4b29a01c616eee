/**
 * Files that name the type and were not understood: their sites are not counted, so the report says how many there are.
 */
import { readFileSync } from 'node:fs'
import { ownType } from './select-canonical.ts'
import type { World } from './world.ts'

/** Files by why they were not understood. Paths are absolute. */
export type BlindSpots = {
  /** An import of the type's name whose module does not resolve. */
  readonly unresolved: readonly string[]
  /** Vue, Svelte and Astro files that name the type. */
  readonly components: readonly string[]
  readonly generated: readonly string[]
}

const ownPackage = 'user-execution-context'

export const findBlindSpots = (world: World): BlindSpots => {
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
  return { unresolved, components, generated }
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
  return [
    ...(spots.unresolved.length > 0
      ? [
          `${counted(spots.unresolved, `imports a ${name} that does`, `import a ${name} that does`)} not ` +
            `resolve: their sites are not counted (${first(spots.unresolved)}). Install what is missing, or name ` +
            'the tsconfig whose paths lead there.',
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

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
