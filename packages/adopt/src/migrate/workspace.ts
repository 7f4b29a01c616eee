/**
 * The tree that a run works on: files as they were read, their syntax and style, and the checker with edits laid over
 * them.
 */
import { posix, relative, sep } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { newAffectedFiles } from './affected-files.ts'
import type { FindAffected } from './affected-files.ts'
import type { CheckedDiagnostic, Checker, CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { ChangeUnit, EditedFile, Rendering } from './change-unit.ts'
import type { ResolveModule } from '../engine/module-resolver.ts'
import { renderOnce } from './known-renderings.ts'
import { mergeStyles, readStyle } from './source-style.ts'
import type { SourceStyle, StyleEvidence } from './source-style.ts'
import { readSource, type SourceText } from '../engine/source-text.ts'
import { parseSyntax } from '../engine/syntax.ts'

export type Workspace = {
  readonly root: string
  readonly checker: Checker
  /** Every file of the programs, in their order; one of several programs more than once. */
  readonly files: readonly string[]
  /** Files whose diagnostics an edit can change. */
  readonly affectedBy: FindAffected
  readonly source: (file: string) => SourceText
  readonly edited: (file: string) => EditedFile
  /** First project that holds the file; undefined for a file that no program holds. */
  readonly projectOf: (file: string) => CheckerProject | undefined
  readonly spanOf: (file: string, place: { readonly start: number; readonly end: number }) => NodeSpan
  readonly relativeOf: (absolute: string) => string
  /** How the file spells a module: package names stay, `./path` from the root becomes relative to the file. */
  readonly spell: (module: string, file: string) => string
}

/**
 * Opens the tree. Files are read once, when they are first asked for.
 *
 * @param digests - SHA-256 of each file as the scan read it: its offsets hold for that text
 * alone.
 * @param resolveModule - Without it any edit may affect every file.
 */
export const openWorkspace = (
  root: string,
  checker: Checker,
  digests: Readonly<Record<string, string>>,
  resolveModule?: ResolveModule,
): Workspace => {
  const base = root.split(sep).join('/')
  const source = memoize((file: string) => {
    const read = readSource(`${base}/${file}`)
    if (!Object.hasOwn(digests, file) || read.digest === digests[file]) return read
    throw new AdoptError(
      'FILE_CHANGED',
      `${file} changed while migrate was running: no file was changed. Run migrate again.`,
      { file },
    )
  })
  const tree = memoize((file: string) => parseSyntax(file, source(file).text))
  const evidence = memoize((file: string): StyleEvidence => readStyle(source(file).text, tree(file).program))
  const relativeOf = (absolute: string): string => relative(base, absolute).split(sep).join('/')
  const files = checker.projects.flatMap((project) => project.files).map(relativeOf)
  const directories = groupByDirectory([...new Set(files)])
  const neighbours = memoize((directory: string): StyleEvidence[] =>
    (directories.get(directory) ?? []).slice(0, 20).map(evidence),
  )
  const style = memoize((file: string): SourceStyle =>
    mergeStyles(evidence(file), neighbours(posix.dirname(file)), { isTypeOnlyNeeded: true }),
  )
  const known = {
    files,
    relativeOf,
    textOf: (file: string) => source(file).text,
    absoluteOf: (file: string) => `${base}/${file}`,
  }
  return {
    root,
    checker,
    files,
    affectedBy: resolveModule ? newAffectedFiles(known, resolveModule) : () => undefined,
    source,
    relativeOf,
    edited: memoize((file) => ({ file, tree: tree(file), style: style(file) })),
    projectOf: (file) => {
      const holders = checker.projects.filter((project) => fileSetOf(project).has(`${base}/${file}`))
      return holders.find((project) => !project.isOrphans) ?? holders[0]
    },
    spanOf: (file, { start, end }) => ({ file: `${base}/${file}`, start, end }),
    spell: (module, file) => spellModule(module, file, style(file)),
  }
}

const fileSets = new WeakMap<CheckerProject, ReadonlySet<string>>()

function fileSetOf(project: CheckerProject): ReadonlySet<string> {
  const known = fileSets.get(project) ?? new Set(project.files)
  fileSets.set(project, known)
  return known
}

/** TypeScript sources only: a program also holds JSON, and declarations have no style of their own. */
function groupByDirectory(files: readonly string[]): Map<string, string[]> {
  const directories = new Map<string, string[]>()
  for (const file of files) {
    if (!/(?<!\.d)\.[cm]?tsx?$/.test(file)) continue
    const own = directories.get(posix.dirname(file)) ?? []
    directories.set(posix.dirname(file), own)
    own.push(file)
  }
  return directories
}

/** Renders every file that a unit touches. */
export const renderAll = (workspace: Workspace, units: readonly ChangeUnit[]): Map<string, Rendering> => {
  const byFile = new Map<string, ChangeUnit[]>()
  for (const unit of units) byFile.set(unit.file, [...(byFile.get(unit.file) ?? []), unit])
  return new Map([...byFile].map(([file, own]) => [file, renderOnce(workspace.edited(file), own)]))
}

/** The texts of rendered files. */
export const textsOf = (renderings: ReadonlyMap<string, Rendering>): Map<string, string> =>
  new Map([...renderings].map(([file, { text }]) => [file, text]))

/** Takes the overlay away, so that questions are about the tree as it is. */
export const clearOverlay = (workspace: Workspace): void => layOver(workspace, new Map())

/** Diagnostics by file, as one run of every program says them with these texts laid over the tree. */
export const diagnose = (
  workspace: Workspace,
  texts: ReadonlyMap<string, string>,
  files?: ReadonlySet<string>,
): Map<string, CheckedDiagnostic[]> => {
  layOver(workspace, texts)
  const found = new Map<string, Map<string, CheckedDiagnostic>>()
  for (const project of workspace.checker.projects) {
    const asked = files ? project.files.filter((file) => files.has(workspace.relativeOf(file))) : project.files
    if (asked.length === 0) continue
    for (const one of project.diagnostics(asked)) {
      const file = workspace.relativeOf(one.file)
      const own = found.get(file) ?? new Map<string, CheckedDiagnostic>()
      found.set(file, own.set(`${one.start}:${one.code}:${one.text}`, one))
    }
  }
  return new Map([...found].map(([file, own]) => [file, [...own.values()]]))
}

const laidOver = new WeakMap<Checker, Map<string, string>>()

/** Only what differs from the overlay so far is sent: the rest keeps its checked state. */
function layOver({ root, checker }: Workspace, texts: ReadonlyMap<string, string>): void {
  const base = root.split(sep).join('/')
  const now = laidOver.get(checker) ?? new Map<string, string>()
  laidOver.set(checker, now)
  const changes = new Map<string, string | undefined>()
  for (const [file, text] of texts) if (now.get(file) !== text) changes.set(`${base}/${file}`, text)
  for (const file of now.keys()) if (!texts.has(file)) changes.set(`${base}/${file}`, undefined)
  if (changes.size > 0) checker.update(changes)
  now.clear()
  for (const [file, text] of texts) now.set(file, text)
}

function spellModule(module: string, file: string, style: SourceStyle): string {
  if (!module.startsWith('./')) return module
  const plain = module.slice(2).replace(/\.[cm]?[jt]sx?$/, '')
  const path = posix.relative(posix.dirname(file), plain)
  return `${path.startsWith('.') ? path : `./${path}`}${style.importEnd}`
}

function memoize<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>()
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key))
    return known.get(key)!
  }
}
