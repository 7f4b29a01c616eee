/**
 * Decides which definition is the single source, and says why.
 */
import { existsSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import type { ResolveModule } from '../engine/module-resolver.ts'
import type { SourceTree } from '../engine/source-tree.ts'
import { readWorkspacePackages } from '../engine/workspace-paths.ts'
import { countImporters, keyOf, knowDefinition, type KnownDefinition } from './known-definition.ts'
import type { ResolveName } from './name-resolution.ts'
import type { SourceFacts } from './source-facts.ts'

/** The type and package that the tool looks for when nothing is named. */
export const ownType = 'UserExecutionContext'
const ownPackage = 'user-execution-context'

export type Canonical = {
  readonly name: string
  readonly definition: KnownDefinition
  /** True when it stands in a package, not in the tree. */
  readonly isOutside: boolean
  readonly evidence: string
  /** Files that import each definition, by `file#name`. */
  readonly importers: ReadonlyMap<string, number>
}

type World = {
  readonly tree: SourceTree
  readonly facts: SourceFacts
  readonly known: readonly KnownDefinition[]
  readonly resolveName: ResolveName
  readonly resolveModule: ResolveModule
}

/**
 * @param wanted `NAME` or `path#NAME`; undefined looks for the type of this package
 * @throws AdoptError `TYPE_UNKNOWN`
 */
export const selectCanonical = (world: World, wanted: string | undefined): Canonical => {
  const { tree, known } = world
  const [path, name] = splitTypeName(wanted ?? ownType)
  const sameName = known.filter(({ raw, generated }) => raw.name === name && !generated)
  const importers = countImporters(world.facts.files.values(), world.resolveName, namesOf(world, name))
  if (path !== undefined) {
    const named = known.find(({ file, raw }) => raw.name === name && isFileNamed(file, join(tree.root, path)))
    const definition = named ?? fromPackage(world, path, name)
    if (!definition) throw unknown(`There is no type ${name} in ${path}.`, join(tree.root, path))
    return {
      name,
      definition,
      isOutside: !tree.files.has(definition.file),
      evidence: `it was named (${wanted})`,
      importers,
    }
  }
  const own = name === ownType ? ownDefinition(world) : undefined
  if (own) return { name, ...own, isOutside: !tree.files.has(own.definition.file), importers }
  const counted = sameName.map((definition) => ({
    definition,
    count: importers.get(keyOf(definition.file, name)) ?? 0,
  }))
  counted.sort(
    (a, b) =>
      b.count - a.count ||
      b.definition.names.size - a.definition.names.size ||
      (a.definition.file < b.definition.file ? -1 : 1),
  )
  const first = counted[0]
  if (first) {
    const others = counted.length - 1
    const evidence =
      others === 0
        ? 'it is the only definition of the name'
        : `${first.count} files import it, more than any of the ${others} other definitions of the name`
    return { name, definition: first.definition, isOutside: false, evidence, importers }
  }
  const imported = importedFromPackage(world, name)
  if (imported)
    return {
      name,
      definition: imported,
      isOutside: true,
      evidence: 'the code imports it from a package and defines none of its own',
      importers,
    }
  throw unknown(
    `There is no type ${name} in ${tree.root}, and nothing imports one. ` +
      'Name the type with --type, as NAME or path#NAME, or let init guess it.',
    tree.root,
  )
}

/** `path#NAME` to its parts. */
export const splitTypeName = (wanted: string): [path: string | undefined, name: string] => {
  const at = wanted.lastIndexOf('#')
  return at === -1 ? [undefined, wanted] : [wanted.slice(0, at), wanted.slice(at + 1)]
}

/** Whether the path of `path#NAME` is that of the file, with or without its ending. Both count from one place. */
export const isFileNamed = (file: string, path: string): boolean =>
  file === normalize(path) || file.startsWith(`${normalize(path)}.`)

const unknown = (message: string, file: string): AdoptError => new AdoptError('TYPE_UNKNOWN', message, { file })

/** The name, and every other name under which a file of the tree exports it. */
const namesOf = ({ facts }: World, name: string): ReadonlySet<string> => {
  const names = new Set([name])
  for (let before = 0; before !== names.size;) {
    before = names.size
    for (const file of facts.files.values())
      for (const { local, exported } of file.exports) if (names.has(local)) names.add(exported)
  }
  return names
}

const fromPackage = (
  { tree, facts, resolveName, resolveModule }: World,
  module: string,
  name: string,
): KnownDefinition | undefined => {
  const file = resolveModule(join(tree.root, 'package.json'), module)
  return file === undefined ? undefined : exportedFrom(file, name, facts, resolveName)
}

/** What a file exports under a name, as if another file imported it. */
const exportedFrom = (
  file: string,
  name: string,
  facts: SourceFacts,
  resolveName: ResolveName,
): KnownDefinition | undefined => {
  const here = facts.outlineOf(file)
  const listed = here?.exports.find((entry) => entry.exported === name)
  const found =
    resolveName(file, listed?.local ?? name) ??
    (listed?.module === undefined ? undefined : throughModule(file, listed.module, listed.local, facts, resolveName))
  return found && knowDefinition(found.file, found.definition, facts.outlineOf, resolveName)
}

const throughModule = (
  file: string,
  module: string,
  local: string,
  facts: SourceFacts,
  resolveName: ResolveName,
): ReturnType<ResolveName> => {
  const stem = join(dirname(file), module).replace(/\.[cm]?[jt]s$/, '')
  const target = ['.ts', '.d.ts', '.mts', '.d.mts']
    .map((extension) => stem + extension)
    .find((path) => facts.outlineOf(path))
  return target === undefined ? undefined : resolveName(target, local)
}

/** This package's own type, when the code base has the package: installed, declared or imported. */
export const ownDefinition = (world: World): { definition: KnownDefinition; evidence: string } | undefined => {
  const { tree, facts, resolveName, resolveModule } = world
  const workspace = readWorkspacePackages(tree)
  const declared = workspace.some(({ manifest }) =>
    ['dependencies', 'devDependencies', 'peerDependencies'].some((key) =>
      Object.hasOwn((manifest[key] ?? {}) as object, ownPackage),
    ),
  )
  const installed = existsSync(join(tree.root, 'node_modules', ownPackage, 'package.json'))
  const imported = [...facts.files.values()].some((file) =>
    file.imports.some(({ module }) => module === ownPackage || module.startsWith(`${ownPackage}/`)),
  )
  if (!declared && !installed && !imported && !workspace.some(({ name }) => name === ownPackage)) return undefined
  const resolved = resolveModule(join(tree.root, 'package.json'), ownPackage)
  const definition = resolved === undefined ? undefined : exportedFrom(resolved, ownType, facts, resolveName)
  return definition && { definition, evidence: `${ownPackage} exports it` }
}

/** The definition behind the first import of the name whose module lies outside the tree. */
const importedFromPackage = ({ tree, facts, resolveName }: World, name: string): KnownDefinition | undefined => {
  for (const file of facts.files.values()) {
    for (const { imported, local } of file.imports) {
      const found = imported === name ? resolveName(file.file, local) : undefined
      if (found && !tree.files.has(found.file))
        return knowDefinition(found.file, found.definition, facts.outlineOf, resolveName)
    }
  }
  return undefined
}

/** A path for people: relative to the root, or from the package's name on when it is outside. */
export const shownPath = (root: string, file: string): string => {
  const modules = file.lastIndexOf('/node_modules/')
  const inside = relative(root, file).replaceAll('\\', '/')
  return inside.startsWith('..')
    ? modules === -1
      ? `${ownPackage}/${file.replace(/^.*\/(dist|src)\//, '$1/')}`
      : file.slice(modules + '/node_modules/'.length)
    : inside
}
