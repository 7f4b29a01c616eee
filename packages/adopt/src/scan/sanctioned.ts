/**
 * Leaves out constructions where they belong: in the canonical definition itself, in a class that is sealed and named
 * beside it, and in the factories that the user sanctioned.
 */
import { join } from 'node:path'
import type { Span } from './file-facts.ts'
import type { ScanOptions } from './scan-result.ts'
import { ownType, splitTypeName } from './select-canonical.ts'
import type { Site } from './site.ts'
import type { World } from './world.ts'

/** `factories` are `NAME`, `path#NAME`; a factory of a package has no body here. */
export const withoutSanctioned = (
  sites: readonly Site[],
  world: World,
  { factories = [], types = [] }: Pick<ScanOptions, 'factories' | 'types'>,
): Site[] => {
  const regions = new Map<string, Span[]>()
  const add = (file: string, span: Span): void => void regions.set(file, [...(regions.get(file) ?? []), span])
  const { definition, name } = world.canonical
  add(definition.file, definition.raw)
  for (const type of types) {
    const [path, typeName] = splitTypeName(type)
    for (const { file, raw } of world.known)
      if (raw.isSealed && raw.name === typeName && (path === undefined || world.relativePath(file) === path))
        add(file, raw)
  }
  // Whoever builds this package has its factories in the file of the type.
  const ownFactories =
    name === ownType && world.tree.files.has(definition.file)
      ? ['createForUser', 'deriveChild'].map((factory) => `${world.relativePath(definition.file)}#${factory}`)
      : []
  for (const factory of [...factories, ...ownFactories]) {
    const [path, factoryName] = splitTypeName(factory)
    for (const file of new Set(sites.map((site) => site.file))) {
      if (path !== undefined && file !== join(world.tree.root, path)) continue
      if (!world.textOf(file).includes(factoryName)) continue
      const { functions = [], promises = [] } = world.facts.factsOf(file) ?? {}
      // One that is only declared has no body.
      for (const found of [...functions, ...promises]) if (found.name === factoryName) add(file, found)
    }
  }
  return sites.filter(
    (site) => !(regions.get(site.file) ?? []).some(({ start, end }) => start <= site.start && end >= site.end),
  )
}
