/**
 * Every definition of a tree that could be a user context, with how often it is imported and constructed. Syntax only.
 */
import { relative } from 'node:path'
import { loadEngine } from '../engine/load-engine.ts'
import { newModuleResolver, type ResolveModule } from '../engine/module-resolver.ts'
import { readSourceTree } from '../engine/source-tree.ts'
import type { FileFacts, FileOutline } from '../scan/file-facts.ts'
import { findImporters, keyOf, knowDefinitions } from '../scan/known-definition.ts'
import { newTargetGuess, type GuessTarget } from '../scan/lost-imports.ts'
import { newNameResolver } from '../scan/name-resolution.ts'
import type { ScanProgress } from '../scan/scan-result.ts'
import { collectSourceFacts, type KnownOutline } from '../scan/source-facts.ts'

/** One definition and what the tree does with its name. */
export type CandidateDefinition = {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly fields: readonly string[]
  readonly importedBy: number
  /** The files that import it: one may import several definitions of one name. */
  readonly importers: readonly string[]
  /** Files that import the name from a part of the tree that does not resolve: they may import this one. */
  readonly lostImporters: readonly string[]
  /** `new` and casts of the name in the whole tree. */
  readonly constructions: number
}

export type Candidates = {
  readonly definitions: readonly CandidateDefinition[]
  /** Whether a file imports what makes the sealed type of this package, from it or from one of its packages. */
  readonly importsMaker: boolean
  /** What was parsed on the way, for the scan that looks for a maker. */
  readonly readOutline: KnownOutline
}

/** Reads the tree. Generated code, test files and definitions without fields are no candidates. */
export const readCandidates = async (
  root: string,
  onProgress: (progress: ScanProgress) => void = () => undefined,
): Promise<Candidates> => {
  const report = (phase: 'files' | 'parse') => (done: number, total: number) => onProgress({ phase, done, total })
  const tree = readSourceTree(root, {}, { onFiles: report('files') })
  const resolver = newModuleResolver((await loadEngine('oxc-resolver')) as typeof import('oxc-resolver'), tree)
  const facts = collectSourceFacts(tree, report('parse'), 'every')
  const resolveName = newNameResolver(facts.outlineOf, resolver)
  const known = knowDefinitions(facts.files.values(), facts.outlineOf, resolveName).filter(
    ({ file, generated, fields }) =>
      !generated && fields.length > 0 && tree.files.has(file) && !isTest(relative(tree.root, file)),
  )
  const importers = findImporters(facts.files.values(), resolveName, new Set(known.map(({ raw }) => raw.name)))
  const lost = findLostNames(facts.files.values(), resolver, newTargetGuess(tree))
  const constructions = countConstructions([...facts.files.keys()].map(facts.factsOf))
  const definitions = known.map(({ file, raw, fields }) => ({
    name: raw.name,
    file: relative(tree.root, file).replaceAll('\\', '/'),
    line: tree.files.get(file)?.text.slice(0, raw.start).split('\n').length ?? 1,
    fields: fields.map(({ name }) => name),
    importers: importers.get(keyOf(file, raw.name)) ?? [],
    importedBy: importers.get(keyOf(file, raw.name))?.length ?? 0,
    lostImporters: lost.get(raw.name)?.map((one) => relative(tree.root, one).replaceAll('\\', '/')) ?? [],
    constructions: constructions.get(raw.name) ?? 0,
  }))
  return { definitions, importsMaker: [...facts.files.values()].some(importsMaker), readOutline: facts.readOutline }
}

const importsMaker = ({ imports }: FileOutline): boolean =>
  imports.some(
    ({ module, imported }) =>
      module.startsWith('@user-execution-context/') ||
      (/^user-execution-context(?:\/|$)/.test(module) && /^(?:createForUser|\*)$/.test(imported)),
  )

/** By name, the files that import it from where it does not resolve although it is of the tree. */
const findLostNames = (
  files: Iterable<FileOutline>,
  resolveModule: ResolveModule,
  guess: GuessTarget,
): ReadonlyMap<string, readonly string[]> => {
  const lost = new Map<string, string[]>()
  for (const { file, imports } of files) {
    for (const { imported, module } of imports) {
      if (resolveModule(file, module) !== undefined || guess(file, module) === undefined) continue
      const own = lost.get(imported)
      if (!own) lost.set(imported, [file])
      else if (own.at(-1) !== file) own.push(file)
    }
  }
  return lost
}

const isTest = (file: string): boolean =>
  /(?:^|\/)(?:tests?|__tests__|fixtures)\/|\.(?:test|spec)\.[cm]?tsx?$/.test(file)

const countConstructions = (files: Iterable<FileFacts | undefined>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  const add = (name: string | undefined): void =>
    void (name !== undefined && counts.set(name, (counts.get(name) ?? 0) + 1))
  for (const facts of files) {
    for (const one of facts?.news ?? []) add(one.calleeName)
    for (const one of facts?.casts ?? []) for (const leaf of one.leaves) add(leaf.name)
  }
  return counts
}
