/**
 * The scan: reads the tree, picks the canonical type, asks syntax and checker, and says how far the answer can be
 * trusted.
 * Nothing is written.
 */
import { relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { RootFiles } from '../engine/checker.ts'
import { loadEngine } from '../engine/load-engine.ts'
import { newModuleResolver } from '../engine/module-resolver.ts'
import { configFilesIn, findConfigs } from '../engine/project-plan.ts'
import type { SkippedFile } from '../engine/source-text.ts'
import { assertUnchanged, readSourceTree, type SourceTree } from '../engine/source-tree.ts'
import { listBlindSpots, reasonsOf } from './blind-spots.ts'
import { toTrust } from './count-trust.ts'
import { findFastSites } from './fast-sites.ts'
import type { Inquiry } from './ask-projects.ts'
import { type Memory, noMemory, newMemory } from './cache/memory.ts'
import { readScanCache, type ScanCache } from './cache/scan-cache.ts'
import { familyOf, findDuplicates, type Duplicate, type Prove } from './find-duplicates.ts'
import { markedTexts } from './marked-texts.ts'
import { knowDefinitions, type KnownDefinition } from './known-definition.ts'
import { newOutsideNames } from './lost-imports.ts'
import { newNameResolver } from './name-resolution.ts'
import { reachOf } from './reach.ts'
import { withoutSanctioned } from './sanctioned.ts'
import type { KeptResult, Scan, ScanOptions, ScanResult } from './scan-result.ts'
import { type Canonical, ownDefinition, ownType, selectCanonical, splitTypeName } from './select-canonical.ts'
import { collectSourceFacts } from './source-facts.ts'
import { toScanResult } from './to-scan-result.ts'
import type { TypedAnswers } from './typed-answers.ts'
import type { World } from './world.ts'

/** Scans a directory. @throws AdoptError when it could not run; see AdoptErrorCode. */
export const scan: Scan = async (options) => {
  if (options.questions !== 'fast') return scanTree(options)
  // A run of half a second does not repay the optimising compiler, which takes a quarter of it. Long runs get it back
  // below.
  setFlagsFromString('--no-opt')
  try {
    return await scanTree(options)
  } finally {
    setFlagsFromString('--opt')
  }
}

/** From here on, in UTF-16 code units, optimised code pays. */
const longRun = 4_000_000

const scanTree: Scan = async (options) => {
  const report = progressOf(options)
  const read = readSourceTree(options.root, options, {
    onFiles: (done, total) => report('files', done, total),
    onListed: (listed) => void (options.configFiles ?? configFilesIn(listed)),
  })
  const tree = withTexts(read, options.texts ?? new Map())
  report('files', tree.files.size, tree.files.size)
  // What is kept is about files as they are, and about every question.
  const isKept = options.cache !== undefined && options.texts === undefined && options.questions !== 'fast'
  const cache = isKept ? readScanCache(options.cache!, tree, options) : undefined
  const marked = (result: KeptResult): ScanResult => ({ ...result, marked: markedTexts(tree, result.digests) })
  const kept = cache?.findResult()
  if (kept) return marked(kept)
  let size = 0
  for (const { text } of tree.files.values()) size += text.length
  if (size > longRun) setFlagsFromString('--opt')
  const world = await readWorld(tree, options, cache)
  const { canonical } = world
  if (options.questions === 'fast') {
    // Without a compiler nothing is proved: copies count as overlapping.
    const duplicates = findDuplicates(canonical.definition, world.known, namedBeside(world, options), () => undefined)
    const family = familyIn(world, duplicates)
    const asked = world.asked.flatMap(({ file }) => world.facts.factsOf(file) ?? [])
    const sites = findFastSites(asked, family, world.resolveName)
    const answers = {
      duplicates,
      sites: withoutSanctioned(sites, world, options),
      factories: [],
      callers: new Map(),
      compiler: undefined,
      reasons: [],
      reach: undefined,
      filesOutsideTsconfig: 0,
      failures: 0,
    }
    return marked(finish(world, options, answers, { asked: 0, unresolved: 0 }))
  }
  report('projects', 0, 1)
  // Loaded when a compiler is asked: the fast questions do without a third of the modules.
  const [{ openPrograms }, { askProjects }] = await Promise.all([
    import('../engine/open-checker.ts'),
    import('./ask-projects.ts'),
  ])
  const inquiry = planInquiry(world, options)
  const memory = cache ? newMemory(cache, world, inquiry.family) : noMemory
  const series = await openPrograms(options, world.tree, rootsOf(world, inquiry, memory))
  try {
    report('projects', 1, 1)
    const answers = askProjects(series, world, inquiry, memory, options, report)
    const result = finish(world, options, answers, answers.types)
    cache?.keepResult(result, answers.outside)
    return marked(cache?.note === undefined ? result : { ...result, notes: [cache.note] })
  } finally {
    await series.close()
  }
}

/** A type's name and shape say which definitions are the family; a compiler is only asked how alike two of them are. */
const planInquiry = (world: World, options: ScanOptions): Inquiry => {
  const named = namedBeside(world, options)
  const duplicatesBy = (prove: Prove): Duplicate[] =>
    findDuplicates(world.canonical.definition, world.known, named, prove)
  const family = familyIn(
    world,
    duplicatesBy(() => undefined),
  )
  const reach = reachOf(world.facts.files, world.resolveModule, filesOf(family), newOutsideNames(world.tree))
  const files = new Set(world.asked.map(({ file }) => file).filter((file) => reach === undefined || reach.has(file)))
  return { family, reach, files, duplicatesBy }
}

const filesOf = (definitions: readonly KnownDefinition[]): Set<string> => new Set(definitions.map(({ file }) => file))

/** What is asked about and not known yet, and where two definitions that are compared may meet. */
const rootsOf = (world: World, { family, files, duplicatesBy }: Inquiry, memory: Memory): RootFiles => {
  // The fields of every member that a program holds count, whichever file is asked about.
  const definitions = filesOf(family)
  const compared: KnownDefinition[] = []
  duplicatesBy((canonical, here) => {
    if (!memory.proofOf(canonical, here)) compared.push(canonical, here)
    return undefined
  })
  const meeting = compared.length === 0 ? new Set() : reachOf(world.facts.files, world.resolveModule, filesOf(compared))
  return {
    isRoot: (file, program) =>
      meeting === undefined ||
      meeting.has(file) ||
      definitions.has(file) ||
      (files.has(file) && !memory.answersOf(file, program)),
    globals: new Set([...world.facts.files.values()].filter(({ isGlobal }) => isGlobal).map(({ file }) => file)),
  }
}

/** The tree as it would be with other texts. Digests stay those of the bytes on disk. */
const withTexts = (tree: SourceTree, texts: ReadonlyMap<string, string>): SourceTree => ({
  ...tree,
  files: new Map(
    [...tree.files].map(([path, source]) => {
      const text = texts.get(path.slice(tree.root.length + 1))
      return [path, text === undefined ? source : { ...source, text }]
    }),
  ),
})

const readWorld = async (whole: SourceTree, options: ScanOptions, cache?: ScanCache): Promise<World> => {
  const report = progressOf(options)
  let tree = whole
  const faults: SkippedFile[] = []
  findConfigs(tree, options.configFiles, ({ file = '', message }) =>
    faults.push({ path: file, reason: message, text: '' }),
  )
  const names = namesOf(options)
  const facts = collectSourceFacts(
    tree,
    (done, total) => report('parse', done, total),
    options.questions === 'fast' ? names : undefined,
    (source) => options.readOutline?.(source) ?? cache?.outlineOf(source),
    (text) => names.some((name) => text.includes(name)),
  )
  const unparsed = new Set(facts.skipped.map(({ path }) => path))
  tree = { ...whole, files: new Map([...whole.files].filter(([path]) => !unparsed.has(path))) }
  const skipped = [...whole.skipped, ...facts.skipped, ...faults]
  const resolveModule = newModuleResolver((await loadEngine('oxc-resolver')) as typeof import('oxc-resolver'), tree)
  const resolveName = newNameResolver(facts.outlineOf, resolveModule)
  const known = knowDefinitions(facts.files.values(), facts.outlineOf, resolveName)
  const canonical: Canonical = selectCanonical({ tree, facts, known, resolveName, resolveModule }, options.types?.[0])
  const asked = [...facts.files.values()].filter(({ isGenerated }) => options.includeGenerated === true || !isGenerated)
  const seen = options.includeGenerated === true ? known.map((entry) => ({ ...entry, generated: false })) : known
  const textOf = (file: string): string => tree.files.get(file)?.text ?? facts.textOf(file)
  const relativePath = (file: string): string =>
    file.startsWith(`${tree.root}/`)
      ? file.slice(tree.root.length + 1)
      : relative(tree.root, file).replaceAll('\\', '/')
  return { tree, facts, skipped, known: seen, resolveName, resolveModule, canonical, asked, textOf, relativePath }
}

/** The names that are looked for. */
const namesOf = ({ types }: ScanOptions): string[] => (types ?? [ownType]).map((type) => splitTypeName(type)[1])

/**
 * Definitions that the user named after the canonical one; a name without a path means all of its definitions. @throws
 * AdoptError `TYPE_UNKNOWN`
 */
const namedBeside = (world: World, { types }: ScanOptions): KnownDefinition[] =>
  (types ?? []).slice(1).flatMap((type) => {
    const { definition } = selectCanonical(world, type)
    return type.includes('#')
      ? [definition]
      : world.known.filter(({ raw, generated }) => raw.name === definition.raw.name && !generated)
  })

/**
 * Whose constructions are sites. The sealed type is watched beside the one that was named, where the code base has it:
 * a definition that was merged into it, and a member that holds it, are forged by the same casts.
 */
const familyIn = (world: World, duplicates: readonly Duplicate[]): readonly KnownDefinition[] => {
  const own = familyOf(world.canonical.definition, duplicates)
  const sealed = ownDefinition(world)?.definition
  const isBeside = sealed && !world.tree.files.has(sealed.file) && !own.some(({ file }) => file === sealed.file)
  return isBeside ? [...own, sealed] : own
}

const finish = (
  read: World,
  options: ScanOptions,
  answers: TypedAnswers,
  types: { readonly asked: number; readonly unresolved: number },
): KeptResult => {
  options.signal?.throwIfAborted()
  // A file whose facts could not be collected joins those that did not parse.
  const world = { ...read, skipped: [...new Set([...read.skipped, ...read.facts.skipped])] }
  assertUnchanged(world.tree)
  const spots = listBlindSpots(world)
  const trust = toTrust({
    files: world.asked,
    resolveModule: world.resolveModule,
    types,
    filesOutsideTsconfig: answers.filesOutsideTsconfig,
    compilerFailures: answers.failures,
    spots,
    filesSkipped: world.skipped.length,
  })
  const said = { ...answers, reasons: [...answers.reasons, ...reasonsOf(spots, world)] }
  // The fast questions parse what may matter and look through the text of the rest.
  return toScanResult(
    world,
    options,
    said,
    options.questions === 'fast' ? { ...trust, filesAnalysed: world.tree.files.size } : trust,
  )
}

/** Reports progress and stops when the caller aborts. */
const progressOf =
  ({ onProgress, signal }: ScanOptions) =>
  (phase: 'files' | 'parse' | 'projects' | 'types' | 'seal' | 'callers', done: number, total: number): void => {
    signal?.throwIfAborted()
    onProgress?.({ phase, done, total })
  }
