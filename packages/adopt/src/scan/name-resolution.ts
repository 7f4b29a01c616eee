/**
 * Follows a name through imports, re-exports and aliases to the definition it stands for. Syntax and import graph only.
 */
import type { ResolveModule } from '../engine/module-resolver.ts'
import type { FileFacts, FileOutline, RawDefinition } from './file-facts.ts'

/** A definition with the file it stands in. */
export type PlacedDefinition = { readonly file: string; readonly definition: RawDefinition }

/** The definition that `name` means in `file`; undefined when it leaves the tree or is no type. */
export type ResolveName = (file: string, name: string, qualifier?: string) => PlacedDefinition | undefined

/** Outline of a file of the tree or of a declaration file outside it; undefined when there is none. */
export type OutlineOf = (file: string) => FileOutline | undefined

/** All facts of a file of the tree; undefined for any other. */
export type FactsOf = (file: string) => FileFacts | undefined

/** Remembers every answer, and gives up on circles. */
export const newNameResolver = (outlineOf: OutlineOf, resolveModule: ResolveModule): ResolveName => {
  const known = new Map<string, PlacedDefinition | undefined>()
  const local = (file: string, name: string): PlacedDefinition | undefined => {
    const facts = outlineOf(file)
    const definition = facts?.definitions.find((entry) => entry.name === name)
    if (definition)
      return definition.aliasOf !== undefined && definition.aliasOf !== name
        ? (resolve(file, definition.aliasOf) ?? { file, definition })
        : { file, definition }
    const imported = facts?.imports.find((entry) => entry.local === name)
    if (!imported || imported.imported === '*') return undefined
    const target = resolveModule(file, imported.module)
    return target === undefined ? undefined : exported(target, imported.imported, new Set())
  }
  const exported = (file: string, name: string, seen: Set<string>): PlacedDefinition | undefined => {
    if (seen.has(file)) return undefined
    seen.add(file)
    const facts = outlineOf(file)
    for (const entry of facts?.exports ?? []) {
      if (entry.exported !== name && entry.exported !== '*') continue
      const target = entry.module === undefined ? file : resolveModule(file, entry.module)
      if (target === undefined) continue
      const found =
        entry.exported === '*'
          ? exported(target, name, seen)
          : entry.module === undefined
            ? resolve(file, entry.local)
            : exported(target, entry.local, new Set(seen))
      if (found) return found
    }
    return undefined
  }
  /** `namespace.Name`: a namespace import; namespaces declared in the file are left to the checker. */
  const qualified = (file: string, qualifier: string, name: string): PlacedDefinition | undefined => {
    const imported = outlineOf(file)?.imports.find((entry) => entry.local === qualifier && entry.imported === '*')
    const target = imported && resolveModule(file, imported.module)
    return target === undefined ? undefined : exported(target, name, new Set())
  }
  const resolve: ResolveName = (file, name, qualifier) => {
    if (qualifier !== undefined) return qualified(file, qualifier, name)
    const key = `${file}\0${name}`
    if (known.has(key)) return known.get(key)
    known.set(key, undefined) // a circle of aliases ends here
    known.set(key, local(file, name))
    return known.get(key)
  }
  return resolve
}
