/**
 * Files whose diagnostics an edit can change: those that are edited, and those that import them, directly or through
 * others. What they import is read as a scan does it.
 */
import { isBuiltin } from 'node:module'
import type { ResolveModule } from '../engine/module-resolver.ts'
import { parseSyntax } from '../engine/syntax.ts'
import { isGlobalText, moduleSpecifiersOf } from '../scan/module-specifiers.ts'

/**
 * @param changed - Files whose text differs.
 * @param texts - Texts that are laid over the tree.
 * @returns Undefined where any file may be affected.
 */
export type FindAffected = (
  changed: Iterable<string>,
  texts: ReadonlyMap<string, string>,
) => ReadonlySet<string> | undefined

/** The tree, with paths relative to its root. */
export type AffectedTree = {
  readonly files: readonly string[]
  readonly textOf: (file: string) => string
  readonly absoluteOf: (file: string) => string
  readonly relativeOf: (absolute: string) => string
}

/** Reads the imports of the tree when it is first asked. */
export const newAffectedFiles = (tree: AffectedTree, resolveModule: ResolveModule): FindAffected => {
  const readImports = newImportReader(tree, resolveModule)
  let graph: Graph | undefined
  return (changed, texts) => {
    graph ??= toGraph(tree, readImports)
    const known = graph
    const added = new Map<string, string[]>()
    for (const [file, text] of texts)
      for (const target of readImports(file, text).targets) added.set(target, [...(added.get(target) ?? []), file])
    const affected = new Set(changed)
    for (const file of affected) {
      if (isGlobal(file, tree.textOf(file)) || isGlobal(file, texts.get(file) ?? '')) return undefined
      for (const importer of known.importers.get(file) ?? []) affected.add(importer)
      for (const importer of added.get(file) ?? []) affected.add(importer)
    }
    if (affected.size > 0) for (const file of known.unknown) affected.add(file)
    return affected
  }
}

type Imports = { readonly targets: readonly string[]; readonly isWhole: boolean }
/** `unknown`: files of which an import leads nobody knows where. */
type Graph = { readonly importers: ReadonlyMap<string, readonly string[]>; readonly unknown: readonly string[] }

function toGraph({ files, textOf }: AffectedTree, readImports: (file: string, text: string) => Imports): Graph {
  const importers = new Map<string, string[]>()
  const unknown: string[] = []
  for (const file of files) {
    if (!isCode(file)) continue
    const { targets, isWhole } = readImports(file, textOf(file))
    if (!isWhole) unknown.push(file)
    for (const target of targets) {
      const own = importers.get(target)
      if (own) own.push(file)
      else importers.set(target, [file])
    }
  }
  return { importers, unknown }
}

function newImportReader(
  { absoluteOf, relativeOf }: AffectedTree,
  resolveModule: ResolveModule,
): (file: string, text: string) => Imports {
  const last = new Map<string, { readonly text: string; readonly imports: Imports }>()
  return (file, text) => {
    const known = last.get(file)
    if (known?.text === text) return known.imports
    const named = moduleSpecifiersOf(text).filter((one) => !isBuiltin(one) && !isData(one))
    const found = named.map((one) => resolveModule(absoluteOf(file), one))
    const targets = found.flatMap((one) => (one === undefined ? [] : [relativeOf(one)]))
    const imports = { targets, isWhole: targets.length === found.length }
    last.set(file, { text, imports })
    return imports
  }
}

/** What it declares may be seen without an import. A file that cannot be read may declare anything. */
function isGlobal(file: string, text: string): boolean {
  if (text === '' || !isCode(file)) return false
  // What begins a line so makes a module of nearly every file.
  if (/^(?:import|export)\b/m.test(text)) return isGlobalText(text, true)
  try {
    const { body } = parseSyntax(file, text).program
    return isGlobalText(
      text,
      body.some(({ type }) => /^(?:Import|Export|TSExport)/.test(type)),
    )
  } catch {
    return true
  }
}

const isCode = (file: string): boolean => /\.[cm]?[jt]sx?$/.test(file)
const isData = (module: string): boolean =>
  /\.(?:json|css|scss|svg|png|html|md|txt|graphql|wasm)(?:\?.*)?$/.test(module)
