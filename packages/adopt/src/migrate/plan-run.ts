/**
 * One run in memory: definitions, sites and reads are planned on the tree as it is, proved in the overlay, and settled.
 * A round that finds a definition to be needed as it is begins again without it, until nothing changes.
 */
import { toTestFileCheck } from '../test-files.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { carriedMember, carriesMore } from './carrier.ts'
import type { Carrier } from './carrier.ts'
import { planCarrierSite } from './carrier-site.ts'
import type { ChangeUnit } from './change-unit.ts'
import { toContextGuard } from './context-family.ts'
import { planDefinition } from './definition-plan.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import { finishRound } from './finish-round.ts'
import { withInferredUser } from './infer-homes.ts'
import { findHomelessMembers, findUnfitReads } from './homeless-members.ts'
import type { Stay } from './homeless-members.ts'
import { toExports } from './kept-checks.ts'
import { newLoadOrder } from './load-order.ts'
import type { MigrateOptions, MigrateTarget } from './migrate-options.ts'
import { packageTarget } from './package-target.ts'
import { planReads } from './plan-reads.ts'
import { proveUnits } from './prove-units.ts'
import type { Proof } from './prove-units.ts'
import { findMixed } from './renamed-fields.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Known, PlannedDefinition, PlannedSites, Run, RunPlan, StaysBecause } from './round.ts'
import { chooseDefinitions, chooseKin, chooseSites, isLimited, isNamedIn } from './run-scope.ts'
import { carrierOf, carriersIn, newCarriers } from './site-carrier.ts'
import { newObstacles } from './site-obstacles.ts'
import { planSite } from './site-plan.ts'
import type { Left, Site } from './site-plan.ts'
import { sitesInStatics } from './static-sites.ts'
import { assertTargetResolves } from './target-resolves.ts'
import { familyOf, toTreeAnswers } from './tree-answers.ts'
import { isMarked } from './todo-marks.ts'
import { settleClasses, toStay } from './unkept-classes.ts'
import { clearOverlay, diagnose, renderAll, textsOf } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/**
 * Plans and proves a run. Nothing is written.
 *
 * @throws {AdoptError} `TARGET_ABSENT` when the target does not resolve where it would be imported.
 */
export const planRun = (workspace: Workspace, scan: ScanResult, options: MigrateOptions): RunPlan => {
  const family = familyOf(scan)
  const withUser = (one: MigrateTarget): MigrateTarget => withInferredUser(workspace, family, one)
  const target = withUser(options.target ?? packageTarget)
  const testTarget = options.testTarget && withUser(options.testTarget)
  const isTest = toTestFileCheck(options.testFiles)
  const targetFor = (file: string): MigrateTarget => (testTarget && isTest(file) ? testTarget : target)
  assertTargetResolves(workspace, scan, targetFor)
  const run: Run = { workspace, scan, options, target, targetFor, before: diagnose(workspace, new Map()) }
  const sites = chooseSites(run.scan, run.options, [])
  clearOverlay(workspace)
  // A type that was named is split whether or not the first one is.
  const named = chooseKin(scan, options).filter((one) => isNamedIn(options, one))
  const carrying = [...chooseDefinitions(scan, options), ...named].filter((one) => carriesMore(workspace, one, target))
  let known: Known = {
    stays: new Map(),
    classes: new Map(),
    carriers: splitInto(run, carrying, sites, new Map()),
  }
  for (;;) {
    const round = planRound(run, known)
    if ('plan' in round) return round.plan
    const { homeless: found = new Map(), classes = new Map() } = round
    const carriers = splitInto(run, [...found.keys()], sites, known.carriers)
    const homeless = [...found].filter(([fact]) => !carriers.has(fact))
    known = {
      carriers: new Map([...known.carriers, ...carriers]),
      stays: new Map([...known.stays, ...homeless]),
      classes: new Map([...known.classes, ...classes]),
    }
  }
}

/** Definitions that are split from now on, and their kin: of another name, but made and passed on beside them. */
function splitInto(
  { workspace, scan, options, target }: Run,
  definitions: readonly DefinitionFact[],
  sites: readonly Site[],
  known: Known['carriers'],
): Map<DefinitionFact, Carrier> {
  const carriers = newCarriers(workspace, definitions, sites, target)
  if (carriers.size > 0)
    for (const [kin, carrier] of newCarriers(workspace, chooseKin(scan, options), sites, target))
      if (!known.has(kin)) carriers.set(kin, carrier)
  return carriers
}

/** One round: either a plan that holds, or further definitions that have to stay. */
type Round = { readonly plan: RunPlan } | { readonly homeless?: StaysBecause; readonly classes?: Known['classes'] }

function planRound(run: Run, known: Known): Round {
  const { workspace, before, target } = run
  const definitions = planDefinitions(run, known)
  const plans = definitions.flatMap(({ plan }) => ('unit' in plan ? [plan] : []))
  const sites = planSites(run, plans, known)
  const probes = plans.map((plan) => plan.probe)
  const base = probes.length === 0 ? before : diagnose(workspace, textsOf(renderAll(workspace, probes)))
  const gone = plans.map(({ definition }) => definition).filter((one) => !known.carriers.has(one))
  const homeless = findHomelessMembers({ workspace, definitions: gone, probes, before, sealed: base, target })
  if (homeless.size > 0) return { homeless }
  const reads = planReads({ workspace, probes, before, sealed: base, target })
  const fixed = [...probes, ...toExports(sites.candidates.keys())]
  const proof = proveUnits(workspace, { fixed, based: probes }, [...sites.candidates.keys(), ...reads], base)
  const left = [...sites.left, ...leftByProof(run, proof, sites.candidates)]
  clearOverlay(workspace)
  const unfit = findUnfitReads(workspace, proof.dropped, gone)
  if (unfit.size > 0) return { homeless: unfit }
  const mixed = findMixed(
    toTreeAnswers(run).renamed,
    gone,
    left.map(({ site }) => site),
    (site) => `${site.file}:${lineOf(workspace.source(site.file).text, site.start)}`,
  )
  if (mixed.size > 0) return { homeless: mixed }
  const classes = settleClasses({ ...run, plans, proof, left, probes, sealed: base }, known.classes)
  if (classes.size > 0) return { classes }
  return { plan: finishRound(run, definitions, { proof, left, inheriting: sites.inheriting }, known) }
}

function planDefinitions(
  { workspace, scan, options, target }: Run,
  { stays, classes, carriers }: Known,
): PlannedDefinition[] {
  const planOf = (fact: DefinitionFact): DefinitionPlan | Stay => {
    const carrier = carriers.get(fact)
    const made = classes.get(fact)
    if (!carrier && made?.form === 'whole') return toStay(made)
    if (!carrier)
      return stays.get(fact) ?? planDefinition(workspace, fact, target, { keepsClass: made?.form === 'former' })
    const { definition, unit } = carrier
    return { definition, unit, probe: unit, isClass: false, kept: [], reexports: [], remarks: [], asksClass: false }
  }
  const chosen = chooseDefinitions(scan, options)
  return [...chosen, ...[...carriers.keys()].filter((fact) => !chosen.includes(fact))]
    .filter((fact) => carriedMember(fact, target) === undefined)
    .map((fact) => ({ fact, plan: planOf(fact) }))
}

function planSites(run: Run, plans: readonly DefinitionPlan[], known: Known): PlannedSites {
  const { workspace, scan, options, target, targetFor } = run
  const { tested, members } = toTreeAnswers(run)
  const questions = {
    isContext: toContextGuard(workspace, scan, target),
    loadsFirst: newLoadOrder(workspace),
    tested,
    members,
  }
  const chosen = [...chooseSites(scan, options, plans), ...sitesInStatics(workspace, plans)]
  const obstacleOf = newObstacles(run, plans, known)
  const left: Left[] = []
  const inheriting: Site[] = []
  const candidates = new Map<ChangeUnit, Site>()
  const carriers = carriersIn(scan, target, known.carriers.values())
  for (const site of chosen) {
    const held = options.leftOut?.get(`${site.file}:${site.start}`)
    if (held !== undefined) {
      left.push({ site, reason: held, isNew: true })
      continue
    }
    if (isMarked(workspace.edited(site.file).tree, site.start)) {
      left.push({ site, reason: 'marked by an earlier run: delete the mark to have it tried again', isNew: false })
      continue
    }
    const carrier = carrierOf(workspace, site, carriers)
    const plan = carrier
      ? planCarrierSite(workspace, site, targetFor(site.file), carrier, questions)
      : planSite(workspace, site, targetFor(site.file), questions)
    if ('isDone' in plan) {
      // A cast stays a cast, whatever is in it.
      if (site.kind.startsWith('literal')) inheriting.push(site)
    } else if ('unit' in plan) {
      const obstacle = obstacleOf(site, carrier !== undefined)
      if (obstacle === undefined) candidates.set(plan.unit, site)
      else left.push({ site, reason: obstacle, isNew: true })
    } else left.push({ site, reason: plan.reason, isNew: true })
  }
  return { candidates, left, inheriting }
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
