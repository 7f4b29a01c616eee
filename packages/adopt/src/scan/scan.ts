/**
 * The scan: reads the tree, picks the canonical type, asks syntax and checker, and says how far the answer can be trusted.
 * Nothing is written.
 */
import { relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { Checker } from '../engine/checker.ts'
import { loadEngine } from '../engine/load-engine.ts'
import { createModuleResolver } from '../engine/module-resolver.ts'
import { findConfigs } from '../engine/project-plan.ts'
import type { SkippedFile } from '../engine/source-text.ts'
import { assertUnchanged, readSourceTree, type SourceTree } from '../engine/source-tree.ts'
import { findBlindSpots, reasonsOf } from './blind-spots.ts'
import { countTypes, toTrust } from './count-trust.ts'
import { findFastSites } from './fast-sites.ts'
import { familyOf, findDuplicates, type Duplicate, proveIn, type Prove } from './find-duplicates.ts'
import { knowDefinitions, type KnownDefinition } from './known-definition.ts'
import { createNameResolver } from './name-resolution.ts'
import { withoutSanctioned } from './sanctioned.ts'
import type { Scan, ScanOptions, ScanResult } from './scan-result.ts'
import { type Canonical, ownType, selectCanonical, splitTypeName } from './select-canonical.ts'
import { collectSourceFacts } from './source-facts.ts'
import { toScanResult } from './to-scan-result.ts'
import type { TypedAnswers } from './typed-answers.ts'
import type { World } from './world.ts'

/** Scans a directory. @throws AdoptError when it could not run; see AdoptErrorCode. */
export const scan: Scan = async (options) => {
  if (options.questions !== 'fast') return scanTree(options)
  // A run of half a second does not repay the optimising compiler, which takes a quarter of it. Long runs get it back below.
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
  const tree = withTexts(readSourceTree(options.root, options), options.texts ?? new Map())
  report('files', tree.files.size, tree.files.size)
  let size = 0
  for (const { text } of tree.files.values()) size += text.length
  if (size > longRun) setFlagsFromString('--opt')
  const world = await readWorld(tree, options)
  const { canonical } = world
  if (options.questions === 'fast') {
    // Without a compiler nothing is proved: copies count as overlapping.
    const duplicates = findDuplicates(canonical.definition, world.known, namedBeside(world, options), () => undefined)
    const family = familyOf(canonical.definition, duplicates)
    const sites = findFastSites(world.asked, family, world.resolveName)
    return finish(
      world,
      options,
      {
        duplicates,
        sites: withoutSanctioned(sites, world, options.factories),
        factories: [],
        callers: new Map(),
        compiler: undefined,
        reasons: [],
        reach: undefined,
        filesOutsideTsconfig: 0,
        failures: 0,
      },
      { asked: 0, unresolved: 0 },
    )
  }
  report('projects', 0, 1)
  // Loaded when a compiler is asked: the fast questions do without a third of the modules.
  const [{ openChecker }, { askProjects }] = await Promise.all([
    import('../engine/open-checker.ts'),
    import('./ask-projects.ts'),
  ])
  const checker = await openChecker(options, world.tree)
  try {
    report('projects', 1, 1)
    const types = { asked: 0, unresolved: 0 }
    const answers = askProjects(
      checker,
      world,
      duplicatesIn(checker, world, options),
      options,
      countTypes(types),
      report,
    )
    return finish(world, options, answers, types)
  } finally {
    await checker.close()
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

const readWorld = async (whole: SourceTree, options: ScanOptions): Promise<World> => {
  const report = progressOf(options)
  let tree = whole
  const faults: SkippedFile[] = []
  // A missing tsconfig is said before anything is parsed.
  findConfigs(tree, options.configFiles, ({ file = '', message }) =>
    faults.push({ path: file, reason: message, text: '' }),
  )
  const facts = collectSourceFacts(tree, (done, total) => report('parse', done, total), fastNames(options))
  const unparsed = new Set(facts.skipped.map(({ path }) => path))
  tree = { ...whole, files: new Map([...whole.files].filter(([path]) => !unparsed.has(path))) }
  const skipped = [...whole.skipped, ...facts.skipped, ...faults]
  const resolveModule = createModuleResolver((await loadEngine('oxc-resolver')) as typeof import('oxc-resolver'), tree)
  const resolveName = createNameResolver(facts.factsOf, resolveModule)
  const known = knowDefinitions(facts.files.values(), facts.factsOf, resolveName)
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

/** The names that fast questions look for; undefined when everything is asked. */
const fastNames = ({ questions, types }: ScanOptions): string[] | undefined =>
  questions === 'fast' ? (types ?? [ownType]).map((type) => splitTypeName(type)[1]) : undefined

const duplicatesIn = (checker: Checker, world: World, options: ScanOptions): Duplicate[] => {
  const prove: Prove = proveIn(checker.projects)
  return findDuplicates(world.canonical.definition, world.known, namedBeside(world, options), prove)
}

/** Definitions that the user named after the canonical one; a name without a path means all of its definitions. @throws AdoptError `TYPE_UNKNOWN` */
const namedBeside = (world: World, { types }: ScanOptions): KnownDefinition[] =>
  (types ?? []).slice(1).flatMap((type) => {
    const { definition } = selectCanonical(world, type)
    return type.includes('#')
      ? [definition]
      : world.known.filter(({ raw, generated }) => raw.name === definition.raw.name && !generated)
  })

const finish = (
  world: World,
  options: ScanOptions,
  answers: TypedAnswers,
  types: { asked: number; unresolved: number },
): ScanResult => {
  options.signal?.throwIfAborted()
  assertUnchanged(world.tree)
  const spots = findBlindSpots(world)
  const trust = toTrust(
    world.asked,
    world.resolveModule,
    types,
    answers.filesOutsideTsconfig,
    answers.failures,
    spots,
    world.skipped.length,
  )
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
