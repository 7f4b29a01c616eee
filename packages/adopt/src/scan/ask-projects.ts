/**
 * Asks the programs of a tree one after another, each about the files that imports lead to the type from, and puts
 * their answers together.
 */
import type { PlannedProgram, ProgramSeries } from '../engine/checker.ts'
import { askProgram } from './ask-program.ts'
import { findCallers } from './ask-factories.ts'
import type { Memory } from './cache/memory.ts'
import type { OutsideFile } from './cache/outside-files.ts'
import type { TypeCount } from './count-trust.ts'
import { type FileAnswers, groupByFile } from './file-answers.ts'
import { type Duplicate, type Prove, proveIn } from './find-duplicates.ts'
import type { KnownDefinition } from './known-definition.ts'
import { withoutSanctioned } from './sanctioned.ts'
import { withoutSealed } from './sealed-inside.ts'
import type { ScanOptions, ScanProgress } from './scan-result.ts'
import { sealFamily } from './seal-probe.ts'
import { heldByRule, type Site } from './site.ts'
import type { TypedAnswers } from './typed-answers.ts'
import type { World } from './world.ts'

type Report = (phase: ScanProgress['phase'], done: number, total: number) => void

/** What is asked: the family, the files that count, and the definitions that only a compiler can compare. */
export type Inquiry = {
  readonly family: readonly KnownDefinition[]
  readonly reach: ReadonlySet<string> | undefined
  readonly files: ReadonlySet<string>
  /** The duplicates, with the proof that a compiler gives of each pair. */
  readonly duplicatesBy: (prove: Prove) => readonly Duplicate[]
}

/** What the programs say. `types` counts what was asked, for the trust figure. */
export type Asked = TypedAnswers & {
  readonly types: TypeCount
  /** What the answers depend on outside the tree. */
  readonly outside: readonly OutsideFile[]
}

export const askProjects = (
  series: ProgramSeries,
  world: World,
  inquiry: Inquiry,
  memory: Memory,
  options: ScanOptions,
  report: Report,
): Asked => {
  const { family } = inquiry
  const sealed = options.probe === false ? undefined : sealFamily(family, (file) => world.tree.files.get(file)?.text)
  const proofs = openProofs(inquiry, memory)
  const answers: FileAnswers[] = []
  const fresh = new Map<string, FileAnswers>()
  const read = new Set<string>()
  const isUnknown = (program: PlannedProgram) => (file: string) => !memory.answersOf(file, program)
  const asked = series.programs.map((program) => {
    const wanted = program.files.filter((file) => inquiry.files.has(file))
    return { program, wanted, files: wanted.filter(isUnknown(program)) }
  })
  const total = asked.reduce((sum, { files }) => sum + files.length, 0)
  let done = 0
  let { isSeen } = memory
  const ask = ({ program, files }: (typeof asked)[number]): void => {
    if (program.roots.length === 0 || (files.length === 0 && proofs.areKnown())) return
    const opened = series.open(program)
    proofs.ask(opened.projects)
    const [project] = opened.projects
    isSeen ||= project!.typesAt(family.map(({ file, raw }) => ({ file, ...raw.nameSpan }))).some(Boolean)
    for (const file of project!.fileNames()) read.add(file)
    if (files.length === 0) return
    const before = series.failedNodes.length
    const found = askProgram(opened, files, family, sealed, world, (phase, at) => report(phase, done + at, total))
    const failures = groupByFile(series.failedNodes.slice(before), ({ file }) => file)
    for (const [file, own] of found) {
      // What no file is known for is counted once.
      const elsewhere = file === files[0] ? (failures.get('')?.length ?? 0) : 0
      const complete = { ...own, failures: (failures.get(file)?.length ?? 0) + elsewhere }
      fresh.set(file, complete)
      memory.learn(file, program, complete)
    }
    done += files.length
  }
  for (const one of asked) {
    ask(one)
    // In the order of the program, wherever an answer comes from.
    answers.push(...one.wanted.flatMap((file) => fresh.get(file) ?? memory.answersOf(file, one.program) ?? []))
    fresh.clear()
  }
  report('callers', 0, 1)
  const factories = answers.flatMap((one) => one.factories)
  const callers = findCallers(
    factories,
    answers.flatMap(({ calls }) => calls),
  )
  report('callers', 1, 1)
  const failures = sum(answers, (one) => one.failures)
  const reasons = failures > 0 ? [`The compiler failed on ${failures} expressions; they were left out.`] : []
  const orphans = series.programs.filter(({ isOrphans }) => isOrphans)
  const together = putTogether(answers, { isProbed: sealed !== undefined && sealed.size > 0 })
  return {
    duplicates: inquiry.duplicatesBy(proofs.prove),
    sites: withoutSanctioned(withoutSealed(together, answers), world, options),
    factories,
    callers,
    compiler: series.compiler,
    reasons: isSeen || world.canonical.isOutside ? reasons : [...reasons, unseen],
    filesOutsideTsconfig: sum(orphans, ({ files }) => files.length),
    failures,
    reach: inquiry.reach,
    types: { asked: sum(answers, (one) => one.typesAsked), unresolved: sum(answers, (one) => one.typesUnresolved) },
    outside: memory.keep(isSeen, read),
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)

const unseen = 'No program holds the definition of the type: name the tsconfig that includes it with --tsconfig.'

type Proofs = {
  readonly areKnown: () => boolean
  readonly ask: (projects: Parameters<typeof proveIn>[0]) => void
  readonly prove: Prove
}

/** Every pair of definitions that is to be compared, asked of each program until one sees both. */
const openProofs = ({ duplicatesBy }: Inquiry, memory: Memory): Proofs => {
  const pairs = new Map<string, readonly [KnownDefinition, KnownDefinition]>()
  const known = new Map<string, ReturnType<Prove>>()
  const keyOf = (...pair: readonly KnownDefinition[]): string =>
    pair.map(({ file, raw }) => `${file}:${raw.start}`).join(' ')
  duplicatesBy((a, b) => {
    const earlier = memory.proofOf(a, b)
    if (earlier) known.set(keyOf(a, b), earlier.proof)
    pairs.set(keyOf(a, b), [a, b])
    return undefined
  })
  return {
    areKnown: () => known.size === pairs.size,
    ask: (projects) => {
      for (const [key, [a, b]] of pairs) {
        const proof = known.has(key) ? undefined : proveIn(projects)(a, b)
        if (!proof) continue
        known.set(key, proof)
        memory.learnProof(a, b, proof)
      }
    },
    prove: (a, b) => {
      if (!known.has(keyOf(a, b))) memory.learnProof(a, b, undefined)
      return known.get(keyOf(a, b))
    },
  }
}

/** One list of sites. What the compiler reports at any of its places, in any program, is held. */
const putTogether = (answers: readonly FileAnswers[], { isProbed }: { readonly isProbed: boolean }): Site[] => {
  const placeOf = ({ file, start, end }: Site): string => `${file}:${start}:${end}`
  const direct = answers.flatMap((one) => one.direct)
  const all = answers.flatMap((one) => one.flows)
  // A literal that is a site where it stands is not one again because its variable is passed on.
  const covered = new Set(direct.map(placeOf))
  const flows = all.filter((site) => !covered.has(placeOf(site)))
  const reportedFar = new Set(all.filter(({ isReported }) => isReported).map(placeOf))
  const sites = onePerPlace([...direct, ...flows])
  const byStart = new Map(sites.map((site) => [`${site.file}:${site.start}`, site]))
  const heldAnyway = new Set<Site>()
  const discovered = answers
    .flatMap((one) => one.discovered)
    .filter((site) => {
      const same = byStart.get(`${site.file}:${site.start}`)
      if (same && site.heldBy === 'tsc') heldAnyway.add(same)
      return !same
    })
  if (!isProbed) return sites
  const judged = sites.map((site): Site => {
    const isHeld = site.isReported === true || heldAnyway.has(site) || reportedFar.has(placeOf(site))
    return {
      ...site,
      heldBy: site.reportedAt.length === 0 ? (site.heldBy ?? heldByRule(site.kind)) : isHeld ? 'tsc' : 'check',
    }
  })
  return onePerPlace([...judged, ...discovered])
}

/** One literal may be reached from several programs: the places where tsc reports it are put together. */
const onePerPlace = (sites: readonly Site[]): Site[] => {
  const places = new Map<string, Site>()
  for (const site of sites) {
    const key = `${site.file}:${site.start}:${site.end}`
    const known = places.get(key)
    // The kind that the literal's own place gives is better than the one of a value that came from it.
    const better =
      known && (known.kind === 'literal-untyped' || known.kind === 'literal-inferred-return') ? site : (known ?? site)
    const isReported = known?.isReported === true || site.isReported === true
    places.set(key, { ...better, isReported, reportedAt: [...(known?.reportedAt ?? []), ...site.reportedAt] })
  }
  return [...places.values()]
}
