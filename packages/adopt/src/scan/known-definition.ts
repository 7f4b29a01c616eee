/**
 * A definition with all its fields, inherited ones included, under names that spelling does not change.
 */
import type { FileOutline, RawDefinition, RawField } from './file-facts.ts'
import type { OutlineOf, ResolveName } from './name-resolution.ts'
import type { DefinitionFact } from './scan-result.ts'
import { normaliseName } from './shape-score.ts'

export type KnownDefinition = {
  /** Absolute. */
  readonly file: string
  readonly raw: RawDefinition
  readonly generated: boolean
  /** Own and inherited, methods left out. */
  readonly fields: readonly RawField[]
  /** Normalised field names. */
  readonly names: ReadonlySet<string>
  /** `file#name` of every definition it extends, near and far. */
  readonly ancestors: ReadonlySet<string>
  /** `file#name` of what its constructor takes. */
  readonly inputs: ReadonlySet<string>
}

export const keyOf = (file: string, name: string): string => `${file}#${name}`

/** Every definition of the tree that has fields or extends one that has. */
export const knowDefinitions = (
  files: Iterable<FileOutline>,
  outlineOf: OutlineOf,
  resolveName: ResolveName,
): KnownDefinition[] => {
  const known: KnownDefinition[] = []
  for (const facts of files) {
    for (const raw of facts.definitions) {
      if (raw.aliasOf === undefined) known.push(knowDefinition(facts.file, raw, outlineOf, resolveName))
    }
  }
  return known
}

export const knowDefinition = (
  file: string,
  raw: RawDefinition,
  outlineOf: OutlineOf,
  resolveName: ResolveName,
): KnownDefinition => {
  const fields = new Map<string, RawField>()
  const ancestors = new Set<string>()
  const gather = (holder: string, definition: RawDefinition): void => {
    for (const field of definition.fields) {
      // Names with blanks are advice for the reader of an error, not data.
      if (!field.method && !/\s/.test(field.name) && !fields.has(field.name)) fields.set(field.name, field)
    }
    for (const name of definition.heritage) {
      const base = resolveName(holder, name)
      if (!base || ancestors.has(keyOf(base.file, base.definition.name)) || base.definition === raw) continue
      ancestors.add(keyOf(base.file, base.definition.name))
      gather(base.file, base.definition)
    }
  }
  gather(file, raw)
  // Interfaces of one name in one file are one type: their members merge.
  if (raw.form === 'interface') {
    for (const other of outlineOf(file)?.definitions ?? [])
      if (other !== raw && other.name === raw.name && other.form !== 'type') gather(file, other)
  }
  const inputs = new Set(
    raw.inputs
      .flatMap((name) => resolveName(file, name) ?? [])
      .map((input) => keyOf(input.file, input.definition.name)),
  )
  const names = new Set([...fields.keys()].map(normaliseName).filter((name) => name !== ''))
  return {
    file,
    raw,
    generated: outlineOf(file)?.isGenerated ?? false,
    fields: [...fields.values()],
    names,
    ancestors,
    inputs,
  }
}

/** How many files import each definition, by `file#name`. */
export const countImporters = (
  files: Iterable<FileOutline>,
  resolveName: ResolveName,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, number> =>
  new Map([...findImporters(files, resolveName, wanted)].map(([key, importers]) => [key, importers.length]))

/** The files themselves, each once for a definition. */
export const findImporters = (
  files: Iterable<FileOutline>,
  resolveName: ResolveName,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> => {
  const importers = new Map<string, string[]>()
  for (const facts of files) {
    const found = new Set<string>()
    for (const { local, imported } of facts.imports) {
      if (!wanted.has(imported) && imported !== 'default') continue
      const target = resolveName(facts.file, local)
      if (target && target.file !== facts.file) found.add(keyOf(target.file, target.definition.name))
    }
    for (const key of found) {
      const own = importers.get(key)
      if (own) own.push(facts.file)
      else importers.set(key, [facts.file])
    }
  }
  return importers
}

/** The plain fact that goes into reports; `place` gives the path relative to the root and the line. */
export const toDefinitionFact = (
  known: KnownDefinition,
  importedBy: number,
  place: { readonly file: string; readonly line: number },
): DefinitionFact => ({
  name: known.raw.name,
  file: place.file,
  line: place.line,
  start: known.raw.start,
  end: known.raw.end,
  form: known.raw.form,
  exported: known.raw.exported,
  generated: known.generated,
  fields: known.fields.map(({ name, type, optional }) => ({ name, type: type.replace(/\s+/g, ' '), optional })),
  importedBy,
})
