/**
 * One run in memory: definitions, sites and reads are planned on the tree as it is, proved in the overlay, and settled.
 * A round that finds a definition to be needed as it is begins again without it, until nothing changes.
 */
import type { CheckedSymbol } from '../engine/checker.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { findCallersOf } from './callers.ts'
import type { ChangeUnit } from './change-unit.ts'
import { planDefinition } from './definition-plan.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import { countDiagnostics } from './diagnostic-difference.ts'
import type { DiagnosticsByFile } from './diagnostic-difference.ts'
import { findHomelessMembers } from './homeless-members.ts'
import type { Stay } from './homeless-members.ts'
import { toTypeOnlyUnit } from './left-units.ts'
import { createLoadOrder } from './load-order.ts'
import type { LeftSite, MigrateOptions, MigrateResult, MigrateTarget, MovedSite } from './migrate-options.ts'
import { packageTarget } from './package-target.ts'
import { planLeft } from './plan-left.ts'
import { planReads } from './plan-reads.ts'
import { proveUnits } from './prove-units.ts'
import type { Proof } from './prove-units.ts'
import { chooseDefinitions, chooseSites, isLimited, isTestFile } from './run-scope.ts'
import { settleLeft } from './settle-left.ts'
import { findSilenced } from './silenced-types.ts'
import { planSite } from './site-plan.ts'
import type { IsContext, Left, Site } from './site-plan.ts'
import { sitesInStatics } from './static-sites.ts'
import { lineOf } from '../engine/syntax.ts'
import { assertTargetResolves } from './target-resolves.ts'
import { isMarked } from './todo-marks.ts'
import { findUnkeptConstructions } from './unkept-constructions.ts'
import { clearOverlay, diagnose, renderAll, textsOf } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** What a run would write, and what it found out. `texts` holds changed files only. */
export type RunPlan = Omit<MigrateResult, 'files' | 'written'> & { readonly texts: ReadonlyMap<string, string> }

/** What every round of a run works on. */
type Run = {
  readonly workspace: Workspace
  readonly scan: ScanResult
  readonly options: MigrateOptions
  readonly target: MigrateTarget
  readonly targetFor: (file: string) => MigrateTarget
  readonly before: DiagnosticsByFile
}

type PlannedDefinition = { readonly fact: DefinitionFact; readonly plan: DefinitionPlan | Stay }
type Stays = ReadonlyMap<DefinitionFact, Stay>

/**
 * Plans and proves a run. Nothing is written.
 *
 * @throws {AdoptError} `TARGET_ABSENT` when the target does not resolve where it would be imported.
 */
export const planRun = (workspace: Workspace, scan: ScanResult, options: MigrateOptions): RunPlan => {
  const target = options.target ?? packageTarget
  const targetFor = (file: string): MigrateTarget =>
    options.testTarget && isTestFile(options.testFiles, file) ? options.testTarget : target
  assertTargetResolves(workspace, scan, targetFor)
  const run: Run = { workspace, scan, options, target, targetFor, before: diagnose(workspace, new Map()) }
  let stays: Stays = new Map()
  for (;;) {
    const round = planRound(run, stays)
    if ('plan' in round) return round.plan
    stays = new Map([...stays, ...round.stays])
  }
}

/** One round: either a plan that holds, or further definitions that have to stay. */
function planRound(run: Run, known: Stays): { readonly plan: RunPlan } | { readonly stays: Stays } {
  const { workspace, before, target } = run
  const definitions = planDefinitions(run, known)
  const plans = definitions.flatMap(({ plan }) => ('unit' in plan ? [plan] : []))
  const sites = planSites(run, plans)
  const probes = plans.map((plan) => plan.probe)
  const base = probes.length === 0 ? before : diagnose(workspace, textsOf(renderAll(workspace, probes)))
  const gone = plans.map(({ definition }) => definition)
  const homeless = findHomelessMembers({ workspace, definitions: gone, probes, before, sealed: base, target })
  if (homeless.size > 0) return { stays: homeless }
  const reads = planReads({ workspace, probes, before, sealed: base, target })
  const proof = proveUnits(workspace, probes, [...sites.candidates.keys(), ...reads], base)
  const left = [...sites.left, ...leftByProof(run, proof, sites.candidates)]
  clearOverlay(workspace)
  const unkept = findUnkeptConstructions({ workspace, left, definitions: gone, target })
  return unkept.size > 0 ? { stays: unkept } : { plan: finishRound(run, definitions, proof, left) }
}

function planDefinitions({ workspace, scan, options, target }: Run, stays: Stays): PlannedDefinition[] {
  return chooseDefinitions(scan, options).map((fact) => ({
    fact,
    plan: stays.get(fact) ?? planDefinition(workspace, fact, target),
  }))
}

type PlannedSites = { readonly candidates: ReadonlyMap<ChangeUnit, Site>; readonly left: readonly Left[] }

function planSites(
  { workspace, scan, options, target, targetFor }: Run,
  plans: readonly DefinitionPlan[],
): PlannedSites {
  const questions = { isContext: isContextOf(workspace, scan, target), loadsFirst: createLoadOrder(workspace) }
  const left: Left[] = []
  const candidates = new Map<ChangeUnit, Site>()
  for (const site of [...chooseSites(scan, options, plans), ...sitesInStatics(workspace, plans)]) {
    const held = options.leftOut?.get(`${site.file}:${site.start}`)
    if (held !== undefined) {
      left.push({ site, reason: held, isNew: true })
      continue
    }
    if (isMarked(workspace.edited(site.file).tree, site.start)) {
      left.push({ site, reason: 'marked by an earlier run: delete the mark to have it tried again', isNew: false })
      continue
    }
    const plan = planSite(workspace, site, targetFor(site.file), questions)
    if ('unit' in plan) candidates.set(plan.unit, site)
    else left.push({ site, reason: plan.reason, isNew: true })
  }
  return { candidates, left }
}

function leftByProof({ options }: Run, proof: Proof, candidates: PlannedSites['candidates']): Left[] {
  // A part of the tree cannot move before its definition does: no mark, or the run over the whole would pass it by.
  const isPart = isLimited(options)
  const why = isPart ? ' while the definitions stay: leave out --only, --dir, --owner and --max-files' : ''
  const origins = new Map([...candidates].map(([unit, site]) => [unit.fallback ?? unit, site]))
  return [...proof.dropped].flatMap(([unit, code]) => {
    const site = candidates.get(unit) ?? origins.get(unit)
    return site ? [{ site, reason: `moving it adds the compiler error TS${code}${why}`, isNew: !isPart }] : []
  })
}

/** Settles what is left around what moves, and puts the outcome together. */
function finishRound(
  { workspace, before, target }: Run,
  definitions: readonly PlannedDefinition[],
  proof: Proof,
  left: readonly Left[],
): RunPlan {
  const plans = definitions.flatMap(({ plan }) => ('unit' in plan ? [plan] : []))
  const staying = definitions.flatMap(({ fact, plan }) => ('unit' in plan ? [] : [{ fact, stay: plan }]))
  // Questions about callers need the tree as it was.
  const callers = findCallersOf(workspace)
  const leftSites = left.map((one): LeftSite => toLeftSite(workspace, one, callers(one.site.file, one.site)))
  const { musts, offers, marks } = planLeft({ workspace, target, plans, staying, left, leftSites })
  const settled = settleLeft(
    workspace,
    [...plans.map((plan) => plan.unit), ...typeOnlyReexports(workspace, plans), ...proof.kept, ...musts],
    { offers, marks, before },
  )
  const changed = new Map(
    [...settled.texts]
      .filter(([file, text]) => text !== workspace.source(file).text)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  const movedSites = proof.kept.flatMap((unit) => toMovedSite(workspace, unit))
  return {
    texts: changed,
    moved: movedSites.length,
    movedSites,
    left: [...leftSites].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    definitionsMoved: plans.map(({ definition }) => `${definition.file}#${definition.name}`),
    definitionsLeft: staying.map(({ fact, stay }) => ({
      definition: `${fact.file}#${fact.name}`,
      reason: stay.reason,
    })),
    readsMoved: proof.kept.filter((unit) => unit.purpose === 'read').length,
    diagnosticsBefore: countDiagnostics(before),
    diagnosticsAfter: settled.diagnosticsAfter,
    suppressed: settled.suppressed.map(({ file, offset, code }) => ({
      file,
      line: lineOf(workspace.source(file).text, offset),
      code,
    })),
    unsettled: settled.unsettled,
    silenced: changed.size === 0 ? [] : findSilenced(workspace, changed),
  }
}

function toMovedSite(workspace: Workspace, { file, purpose, edits, finding }: ChangeUnit): MovedSite[] {
  if (purpose !== 'site') return []
  // A site inside a former class has no finding of its own.
  const start = finding?.start ?? edits[0]!.start
  const line = lineOf(workspace.source(file).text, start)
  return [{ file, line, start, kind: finding?.kind ?? 'new', enclosing: finding?.enclosing ?? '' }]
}

/** `{ Old as New }` is two uses of one specifier. */
function typeOnlyReexports(workspace: Workspace, plans: readonly DefinitionPlan[]): ChangeUnit[] {
  const named = plans
    .flatMap((plan) => plan.reexports)
    .flatMap((use) => toTypeOnlyUnit(workspace.edited(use.file).tree, use.file, use, true) ?? [])
  return [...new Map(named.map((unit) => [`${unit.file}:${unit.edits[0]!.start}`, unit])).values()]
}

function toLeftSite(workspace: Workspace, { site, reason }: Left, callers: readonly string[]): LeftSite {
  return {
    file: site.file,
    line: lineOf(workspace.source(site.file).text, site.start),
    kind: site.kind,
    enclosing: site.finding?.enclosing ?? '',
    reason,
    callers: callers.slice(0, 10),
  }
}

/** Symbols of the old definitions, and of the target's type wherever it is declared. */
function isContextOf(workspace: Workspace, scan: ScanResult, target: MigrateTarget): IsContext {
  const family: DefinitionFact[] = [
    ...(scan.canonical ? [scan.canonical] : []),
    ...scan.duplicates
      .filter((one) => one.kind !== 'definition-collision' && one.kind !== 'definition-suspect')
      .map((one) => one.definition),
  ]
  const places = new Set(family.map((one) => `${one.file}:${one.end}`))
  return (symbol: CheckedSymbol) =>
    symbol.declarations.some((one) => {
      const file = workspace.relativeOf(one.file)
      return (
        places.has(`${file}:${one.end}`) ||
        (symbol.name === target.type.name && (file.startsWith('..') || file.includes('node_modules/')))
      )
    })
}
