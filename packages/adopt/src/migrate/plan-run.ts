/**
 * One run in memory: definitions, sites and reads are planned on the tree as it is, proved in the overlay, and settled.
 */
import type { CheckedSymbol } from '../engine/checker.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { findCallersOf } from './callers.ts'
import type { ChangeUnit } from './change-unit.ts'
import { planDefinition } from './definition-plan.ts'
import { countDiagnostics } from './diagnostic-difference.ts'
import { createLoadOrder } from './load-order.ts'
import { findHomelessMembers } from './homeless-members.ts'
import type { Stay } from './homeless-members.ts'
import { makesOneOf, toLeftUnit, toTypeOnlyUnit } from './left-units.ts'
import type { LeftSite, MigrateOptions, MigrateResult, MigrateTarget } from './migrate-options.ts'
import { packageTarget } from './package-target.ts'
import { planReads } from './plan-reads.ts'
import { proveUnits } from './prove-units.ts'
import { chooseDefinitions, chooseSites, isLimited, isTestFile } from './run-scope.ts'
import { settleLeft } from './settle-left.ts'
import type { PlacedMark } from './settle-left.ts'
import { planSite } from './site-plan.ts'
import type { IsContext, Site } from './site-plan.ts'
import { sitesInStatics, toInnerMark } from './static-sites.ts'
import { lineOf } from './syntax-tree.ts'
import { isMarked } from './todo-marks.ts'
import { diagnose, renderAll } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** What a run would write, and what it found out. `texts` holds changed files only. */
export type RunPlan = {
  readonly texts: ReadonlyMap<string, string>
  readonly moved: number
  readonly left: readonly LeftSite[]
  readonly definitionsMoved: readonly string[]
  readonly definitionsLeft: readonly { readonly definition: string; readonly reason: string }[]
  readonly readsMoved: number
  readonly diagnosticsBefore: number
  readonly diagnosticsAfter: number
  readonly suppressed: MigrateResult['suppressed']
  readonly unsettled: MigrateResult['unsettled']
}

type Left = { readonly site: Site; readonly reason: string; readonly isNew: boolean }

/**
 * Plans and proves a run. Nothing is written.
 *
 * @param stays - Definitions that an earlier round found to be needed as they are.
 */
export const planRun = (
  workspace: Workspace,
  scan: ScanResult,
  options: MigrateOptions,
  stays: ReadonlyMap<DefinitionFact, Stay> = new Map(),
): RunPlan => {
  const target = options.target ?? packageTarget
  const targetFor = (file: string): MigrateTarget =>
    options.testTarget && isTestFile(options.testFiles, file) ? options.testTarget : target
  const before = diagnose(workspace, new Map())
  const definitions = chooseDefinitions(scan, options).map((fact) => ({
    fact,
    plan: stays.get(fact) ?? planDefinition(workspace, fact, target),
  }))
  const plans = definitions.flatMap(({ plan }) => ('unit' in plan ? [plan] : []))
  const questions = { isContext: isContextOf(workspace, scan, target), loadsFirst: createLoadOrder(workspace) }
  const left: Left[] = []
  const candidates = new Map<ChangeUnit, Site>()
  for (const site of [...chooseSites(scan, options, plans), ...sitesInStatics(workspace, plans)]) {
    const { tree } = workspace.edited(site.file)
    if (isMarked(tree, site.start))
      left.push({ site, reason: 'marked by an earlier run: delete the mark to have it tried again', isNew: false })
    else {
      const plan = planSite(workspace, site, targetFor(site.file), questions)
      if ('unit' in plan) candidates.set(plan.unit, site)
      else left.push({ site, reason: plan.reason, isNew: true })
    }
  }
  const probes = plans.map((plan) => plan.probe)
  const base =
    probes.length === 0
      ? before
      : diagnose(workspace, new Map([...renderAll(workspace, probes)].map(([file, { text }]) => [file, text])))
  const homeless = findHomelessMembers(
    workspace,
    plans.map(({ definition }) => definition),
    probes,
    before,
    base,
    target,
  )
  if (homeless.size > 0) return planRun(workspace, scan, options, new Map([...stays, ...homeless]))
  const reads = planReads(workspace, probes, before, base, target)
  const proof = proveUnits(workspace, probes, [...candidates.keys(), ...reads], base)
  for (const [unit, code] of proof.dropped) {
    const site = candidates.get(originOf(unit, candidates) ?? unit)
    // A part of the tree cannot move before its definition does: no mark, or the run over the whole would pass it by.
    const why = isLimited(options) ? ' while the definitions stay: leave out --only, --dir and --max-files' : ''
    if (site)
      left.push({ site, reason: `moving it adds the compiler error TS${code}${why}`, isNew: !isLimited(options) })
  }
  // Questions about callers need the tree as it was.
  diagnose(workspace, new Map(), new Set())
  const callers = findCallersOf(workspace)
  // Same order as `left` until the end.
  const leftSites = left.map(({ site, reason }): LeftSite =>
    toLeftSite(workspace, site, reason, callers(site.file, site)),
  )
  const gone = plans.map(({ definition }) => definition)
  const leftUnits =
    gone.length === 0
      ? []
      : left.flatMap(({ site }) =>
          makesOneOf(workspace, site, gone) ? (toLeftUnit(workspace, site, target) ?? []) : [],
        )
  // A class that is gone cannot be called; a literal is asserted only where the compiler asks for it.
  const isOffer = (unit: ChangeUnit): boolean => unit.finding?.kind.startsWith('literal') ?? false
  const musts = leftUnits.filter((unit) => !isOffer(unit))
  const offers = leftUnits.filter(isOffer)
  const innerMarks = new Map(
    left.flatMap(({ site }, index) => {
      const unit = site.finding ? undefined : toInnerMark(workspace, site, plans, leftSites[index]!)
      return unit ? [[site, unit] as const] : []
    }),
  )
  const marks: PlacedMark[] = [
    ...left.flatMap(({ site, isNew }, index) =>
      isNew && !innerMarks.has(site)
        ? [
            {
              file: site.file,
              offset: site.start,
              reason: leftSites[index]!.reason,
              callers: leftSites[index]!.callers,
            },
          ]
        : [],
    ),
    ...plans.flatMap((plan) =>
      plan.remarks.map((use) => ({
        file: use.file,
        offset: use.start,
        reason: 'instanceof asks for the former class: call the guard instead',
        callers: [],
      })),
    ),
    ...definitions.flatMap(({ fact, plan }) => ('unit' in plan ? [] : toStayMarks(workspace, fact, plan))),
  ]
  const named = plans
    .flatMap((plan) => plan.reexports)
    .flatMap((use) => toTypeOnlyUnit(workspace.edited(use.file).tree, use.file, use, true) ?? [])
  // `{ Old as New }` is two uses of one specifier.
  const reexports = [...new Map(named.map((unit) => [`${unit.file}:${unit.edits[0]!.start}`, unit])).values()]
  const settled = settleLeft(
    workspace,
    [...plans.map((plan) => plan.unit), ...reexports, ...proof.kept, ...musts, ...innerMarks.values()],
    offers,
    marks,
    before,
  )
  const changed = [...settled.texts].filter(([file, text]) => text !== workspace.source(file).text)
  return {
    texts: new Map(changed.sort(([a], [b]) => (a < b ? -1 : 1))),
    moved: proof.kept.filter((unit) => unit.purpose === 'site').length,
    left: [...leftSites].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    definitionsMoved: plans.map(({ definition }) => `${definition.file}#${definition.name}`),
    definitionsLeft: definitions.flatMap(({ fact, plan }) =>
      'unit' in plan ? [] : [{ definition: `${fact.file}#${fact.name}`, reason: plan.reason }],
    ),
    readsMoved: proof.kept.filter((unit) => unit.purpose === 'read').length,
    diagnosticsBefore: countDiagnostics(before),
    diagnosticsAfter: settled.diagnosticsAfter,
    suppressed: settled.suppressed.map(({ file, offset, code }) => ({
      file,
      line: lineOf(workspace.source(file).text, offset),
      code,
    })),
    unsettled: settled.unsettled,
  }
}

/** The planned unit whose fallback was dropped. */
function originOf(unit: ChangeUnit, candidates: ReadonlyMap<ChangeUnit, Site>): ChangeUnit | undefined {
  return candidates.has(unit) ? unit : [...candidates.keys()].find((one) => one.fallback === unit)
}

function toLeftSite(workspace: Workspace, site: Site, reason: string, callers: readonly string[]): LeftSite {
  const line = lineOf(workspace.source(site.file).text, site.start)
  return {
    file: site.file,
    line,
    kind: site.kind,
    enclosing: site.finding?.enclosing ?? '',
    reason,
    callers: callers.slice(0, 10),
  }
}

/** A definition that stays is marked at the few uses that hold it. Many marks would bury the code: then it has one itself. */
function toStayMarks(workspace: Workspace, { file, start }: DefinitionFact, { reason, uses }: Stay): PlacedMark[] {
  if (uses.length > 0 && uses.length <= 5) {
    return uses.map((use) => ({ file: use.file, offset: use.start, reason, callers: [] }))
  }
  const places = uses.slice(0, 3).map((use) => `${use.file}:${lineOf(workspace.source(use.file).text, use.start)}`)
  const where = uses.length > 0 ? ` (at ${places.join(', ')} and ${uses.length - places.length} more places)` : ''
  return [{ file, offset: start, reason: `${reason}${where}`, callers: [] }]
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
