/**
 * Imports that do not resolve although they name the code base itself: by an alias that no tsconfig declares, by the
 * name of a package of the tree, by a path from a directory that is not known. What the last part of such a name says
 * is where it may lead.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import type { ResolveModule } from '../engine/module-resolver.ts'
import type { SourceTree } from '../engine/source-tree.ts'
import { readWorkspacePackages } from '../engine/workspace-paths.ts'
import type { FileOutline } from './file-facts.ts'

/** Where a name that does not resolve may lead: files of the tree, or anywhere in it. Undefined: out of the tree. */
export type GuessTarget = (file: string, specifier: string) => readonly string[] | 'anywhere' | undefined

/** Whether a name that does not resolve is one of Node.js, or of a package that a manifest wants from a registry. */
export type IsOutside = (specifier: string) => boolean

/** Such a package is not installed: a compiler knows no type of it. */
export const newOutsideNames = (tree: SourceTree): IsOutside => {
  const packages = readWorkspacePackages(tree)
  const own = new Set(packages.map(({ name }) => name))
  const wanted = dependenciesOf(tree, packages)
  const isWanted = (name: string): boolean =>
    wanted.has(name) && !own.has(name) && wanted.get(name)!.every((version) => !localVersion.test(version))
  return (specifier) => isBuiltin(specifier) || (!aliasName.test(specifier) && isWanted(packageName(specifier)))
}

const dependenciesOf = (
  tree: SourceTree,
  packages: ReturnType<typeof readWorkspacePackages>,
): ReadonlyMap<string, readonly string[]> => {
  const wanted = new Map<string, string[]>()
  for (const manifest of [...packages.map((one) => one.manifest), ...manifestsAbove(tree.root)])
    for (const [name, version] of dependencyFields.flatMap((field) => Object.entries(manifest[field] ?? {})))
      wanted.set(name, [...(wanted.get(name) ?? []), String(version)])
  return wanted
}

/** Of a directory of this machine: of the tree, or beside it. */
const localVersion = /^(?:workspace|file|link|portal):|^[./~]/
const aliasName = /^(?:[~#$]|@(?:\/|[^/]*$))/
const packageName = (specifier: string): string => /^(?:@[^/]*\/)?[^/]+/.exec(specifier)?.[0] ?? specifier

/** Guesses for names that `resolveModule` does not resolve. */
export const newTargetGuess = (tree: SourceTree): GuessTarget => {
  const packages = readWorkspacePackages(tree)
  const declared = dependenciesOf(tree, packages)
  const directories = new Map(packages.map(({ name, directory }) => [name, directory]))
  const byLastPart = new Map<string, string[]>()
  for (const file of tree.files.keys()) {
    const last = lastPart(stemOf(file))
    const known = byLastPart.get(last)
    if (known) known.push(file)
    else byLastPart.set(last, [file])
  }
  const filesEndingIn = (tail: string, directory: string): readonly string[] => {
    const found = (byLastPart.get(lastPart(tail)) ?? []).filter((file) => stemOf(file).endsWith(`/${tail}`))
    const near = found.filter((file) => file.startsWith(`${directory}/`))
    return near.length > 0 ? near : found
  }
  const homes = packages.map(({ directory }) => directory).sort((a, b) => b.length - a.length)
  const homeOf = (file: string): string => homes.find((home) => file.startsWith(`${home}/`)) ?? tree.root
  const guess: GuessTarget = (file, specifier) => {
    if (/^(?:\.|\/|[a-z][\w+.-]*:)/i.test(specifier) || isBuiltin(specifier)) return undefined
    const [, name = specifier, inside = ''] = /^((?:@[^/]*\/)?[^/]+)\/?(.*)$/.exec(specifier) ?? []
    const directory = directories.get(name)
    if (directory !== undefined) return inPackage(tree, directory, inside)
    const isAlias = aliasName.test(specifier)
    if (!isAlias && (declared.has(name) || declared.has(typesOf(name)))) return undefined
    const parts = specifier.replace(/\.[cm]?[jt]sx?$/, '').split('/')
    // Behind an alias stands a whole path; a path from an unknown directory may begin with anything.
    for (let from = isAlias ? 1 : 0; from < (isAlias ? 2 : parts.length); from++) {
      const found = filesEndingIn(parts.slice(from).join('/'), homeOf(file))
      if (found.length > 0) return found
    }
    // An alias alone may stand for any file.
    return isAlias && parts.length === 1 ? 'anywhere' : undefined
  }
  const known = new Map<string, ReturnType<GuessTarget>>()
  return (file, specifier) => {
    const key = `${homeOf(file)}\0${specifier}`
    if (!known.has(key)) known.set(key, guess(file, specifier))
    return known.get(key)
  }
}

/** An import that may lead to the type and does not resolve. */
export type LostImport = { readonly file: string; readonly module: string }

/**
 * One for each file that may see the type through such an import, directly or through others.
 *
 * @param targets files that define the type
 */
export const findLostImports = (
  files: Iterable<Pick<FileOutline, 'file' | 'modules' | 'imports' | 'exports'>>,
  resolveModule: ResolveModule,
  guess: GuessTarget,
  targets: Iterable<string>,
): LostImport[] => {
  const importers = new Map<string, string[]>()
  const lost: { file: string; module: string; places: readonly string[] }[] = []
  const reached = new Set(targets)
  for (const { file, modules, imports, exports } of files) {
    // Found in the text: what is no import for certain counts where it can be nothing but a path.
    const named = [...imports.map(({ module }) => module), ...exports.flatMap(({ module }) => module ?? [])]
    for (const module of new Set([...named, ...modules.filter((one) => aliasedPath.test(one))])) {
      const target = resolveModule(file, module)
      const guessed = target === undefined ? guess(file, module) : undefined
      if (guessed === 'anywhere') reached.add(file)
      const places = target === undefined ? (guessed === 'anywhere' ? [file] : (guessed ?? [])) : [target]
      if (guessed !== undefined) lost.push({ file, module, places })
      for (const place of places) {
        const known = importers.get(place)
        if (known) known.push(file)
        else importers.set(place, [file])
      }
    }
  }
  // A set gives what is added to it while it is walked.
  for (const file of reached) for (const importer of importers.get(file) ?? []) reached.add(importer)
  const leading = new Map<string, LostImport>()
  for (const { file, module, places } of lost)
    if (!leading.has(file) && places.some((place) => reached.has(place))) leading.set(file, { file, module })
  return [...leading.values()]
}

/** A part of a code base uses what the whole declares. */
const manifestsAbove = (directory: string): Record<string, unknown>[] => {
  const above = dirname(directory)
  if (above === directory || existsSync(join(directory, '.git'))) return []
  try {
    return [JSON.parse(readFileSync(join(above, 'package.json'), 'utf8')), ...manifestsAbove(above)]
  } catch {
    return manifestsAbove(above)
  }
}

const aliasedPath = /^(?:\.{1,2}|[@~#$][\w.-]*)(?:\/[\w.@~#$-]+)+$/

const dependencyFields = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
const typesOf = (name: string): string => `@types/${name.replace(/^@/, '').replace('/', '__')}`
const stemOf = (file: string): string => file.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '').replace(/\/index$/, '')
const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Files of a package of the tree that a subpath of it may mean: all of them where none has that name. */
const inPackage = (tree: SourceTree, directory: string, inside: string): readonly string[] => {
  const all = [...tree.files.keys()].filter((file) => file.startsWith(`${directory}/`))
  const named = inside === '' ? [] : all.filter((file) => stemOf(file).endsWith(`/${stemOf(inside)}`))
  return named.length > 0 ? named : all
}
