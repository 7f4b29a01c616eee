/**
 * The files from which imports lead to the family: no other file can hold a value of it.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ResolveModule } from '../engine/module-resolver.ts'
import type { FileOutline } from './file-facts.ts'
import type { IsOutside } from './lost-imports.ts'

/**
 * @param files every file of the tree, generated ones included
 * @param targets files that define members of the family
 * @param isOutside whether a name that does not resolve is of a package that is not installed
 * @returns undefined when a type may reach files without an import, so that every file counts
 */
export const reachOf = (
  files: ReadonlyMap<string, FileOutline>,
  resolveModule: ResolveModule,
  targets: ReadonlySet<string>,
  isOutside: IsOutside = () => false,
): ReadonlySet<string> | undefined => {
  const importers = new Map<string, string[]>()
  const reached = new Set<string>()
  const manifestAbove = remembered(findManifest)
  const packageOf = (file: string): string | undefined =>
    files.has(file) ? undefined : (installedIn(file) ?? manifestAbove(dirname(file)))
  const packages = new Set([...targets].flatMap((file) => packageOf(file) ?? []))
  const leadsIntoPackage = remembered((directory: string) => packages.has(directory) || dependsOn(directory, packages))
  for (const { file, modules } of files.values()) {
    for (const module of modules) {
      const target = resolveModule(file, module)
      if (target === undefined) {
        // Where it leads is not known: the compiler may know. No package leads back into the tree.
        if (!isData(module) && !(packages.size === 0 && isOutside(module))) reached.add(file)
        continue
      }
      const directory = packageOf(target)
      if (directory !== undefined && leadsIntoPackage(directory)) reached.add(file)
      const list = importers.get(target)
      if (list) list.push(file)
      else importers.set(target, [file])
    }
  }
  for (const target of targets) if (files.has(target)) reached.add(target)
  // A set gives what is added to it while it is walked.
  for (const file of reached) {
    const { isGlobal, carriesGlobals } = files.get(file) ?? {}
    if (isGlobal && (carriesGlobals || targets.has(file))) return undefined
    for (const importer of importers.get(file) ?? []) reached.add(importer)
  }
  return reached
}

/** Directory of the installed package that a file belongs to. */
const installedIn = (file: string): string | undefined => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]

/**
 * Directory of the package that a file outside the tree belongs to where none is installed: a package of the same
 * workspace, or one that was linked, is resolved to where it really stands.
 */
const findManifest = (directory: string): string => {
  const above = dirname(directory)
  // A manifest without a name only says which module system its directory is of.
  return above === directory || manifestName(directory) !== undefined ? directory : findManifest(above)
}

const nameOf = (directory: string): string | undefined => {
  const installed = directory.lastIndexOf('/node_modules/')
  return installed === -1 ? manifestName(directory) : directory.slice(installed + '/node_modules/'.length)
}

const manifestName = (directory: string): string | undefined => {
  try {
    return (JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as { readonly name?: string }).name
  } catch {
    return undefined
  }
}

/** True when the package's manifest names one of the packages: its functions may give their types. */
const dependsOn = (directory: string, packages: ReadonlySet<string>): boolean => {
  const names = [...packages].flatMap((one) => nameOf(one) ?? [])
  if (names.length === 0) return false
  try {
    const manifest = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as Record<string, object | undefined>
    const declared = { ...manifest['dependencies'], ...manifest['peerDependencies'] }
    return names.some((name) => Object.hasOwn(declared, name))
  } catch {
    return true
  }
}

const isData = (module: string): boolean =>
  /\.(css|scss|sass|less|svg|png|jpe?g|gif|json|html|md|txt|graphql|gql|wasm)(\?.*)?$/.test(module)

const remembered = <Key, Answer>(ask: (key: Key) => Answer): ((key: Key) => Answer) => {
  const answers = new Map<Key, Answer>()
  return (key) => {
    if (!answers.has(key)) answers.set(key, ask(key))
    return answers.get(key)!
  }
}
