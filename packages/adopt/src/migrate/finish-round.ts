/**
 * The end of a round that holds: what is left is settled around what moves, and the outcome is put together.
 */
import { lineOf } from '../engine/syntax.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { findCallersOf } from './callers.ts'
import { toDropped } from './dropped-fields.ts'
import { countDiagnostics } from './diagnostic-difference.ts'
import type { LeftSite, MigrateTarget } from './migrate-options.ts'
import { formerNameOf } from './former-class.ts'
import { toExports } from './kept-checks.ts'
import { findNotSplit } from './not-split.ts'
import { planLeft } from './plan-left.ts'
import type { Proof } from './prove-units.ts'
import type { Known, PlannedDefinition, PlannedSites, Run, RunPlan } from './round.ts'
import { settleLeft } from './settle-left.ts'
import { findSilenced } from './silenced-types.ts'
import { carrierOf, derivedTypeOf } from './site-carrier.ts'
import type { Site } from './site-plan.ts'
import { placeOf, toLeftSite, toMovedSite } from './site-report.ts'
import { typeOnlyReexports } from './type-only-reexports.ts'
import { toReasons } from './unkept-classes.ts'
import type { UnkeptClass } from './unkept-classes.ts'
import type { Workspace } from './workspace.ts'

/** Settles what is left around what moves, and puts the outcome together. */
export const finishRound = (
  run: Run,
  definitions: readonly PlannedDefinition[],
  { proof, left, inheriting }: Pick<PlannedSites, 'left' | 'inheriting'> & { readonly proof: Proof },
  known: Known,
): RunPlan => {
  const { workspace, scan, before, target } = run
  const plans = definitions.flatMap(({ plan }) => ('unit' in plan ? [plan] : []))
  const staying = definitions.flatMap(({ fact, plan }) => ('unit' in plan ? [] : [{ fact, stay: plan }]))
  const notSplit = findNotSplit(run, definitions, known)
  // Questions about callers need the tree as it was.
  const callers = findCallersOf(workspace)
  const leftSites = left.map((one): LeftSite => toLeftSite(workspace, one, callers(one.site.file, one.site)))
  const carriers = [...known.carriers.values()]
  const targetOf = (site: Site): MigrateTarget => {
    const made = carrierOf(workspace, site, carriers)?.definition
    const own = made && { module: `./${made.file}`, name: made.name }
    return own ? { ...target, type: derivedTypeOf(workspace, site) ?? own } : target
  }
  const formers = [...known.classes].filter(
    ([fact, { form }]) => form === 'former' && plans.some(({ definition }) => definition === fact),
  )
  const { musts, offers, marks } = planLeft({
    workspace,
    targetOf,
    plans,
    formers: new Set(formers.map(([fact]) => fact)),
    staying,
    left,
    leftSites,
  })
  const settled = settleLeft(
    workspace,
    [
      ...plans.map((plan) => plan.unit),
      ...typeOnlyReexports(workspace, plans),
      ...toExports(proof.kept),
      ...proof.kept,
      ...musts,
    ],
    { offers, marks, before },
  )
  const changed = new Map(
    [...settled.texts]
      .filter(([file, text]) => text !== workspace.source(file).text)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  const movedSites = [
    ...proof.kept.flatMap((unit) => toMovedSite(workspace, unit)),
    ...inheriting.map((site) => placeOf(workspace, site)),
  ]
  return {
    texts: changed,
    moved: movedSites.length,
    movedSites,
    left: [...leftSites].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    dropped: proof.kept.flatMap((unit) => toDropped(workspace, unit)),
    definitionsMoved: plans.flatMap(({ definition }) => (known.carriers.has(definition) ? [] : [nameOf(definition)])),
    definitionsSplit: carriers.map(({ definition }) => nameOf(definition)),
    definitionsLeft: [
      ...unfit(scan, target),
      ...staying.map(({ fact, stay }) => ({ definition: nameOf(fact), reason: stay.detail ?? stay.reason })),
      ...formers.map(([fact, { sites }]) => ({
        definition: nameOf(fact),
        reason: formerReason(workspace, fact, sites),
      })),
    ],
    notSplit,
    readsMoved: proof.kept.filter((unit) => unit.purpose === 'read').length,
    readsLeft: [],
    fieldsRemoved: [],
    diagnosticsBefore: countDiagnostics(before),
    diagnosticsAfter: settled.diagnosticsAfter,
    suppressed: onePerLine(
      settled.suppressed.map(({ file, offset, code }) => ({
        file,
        line: lineOf(workspace.source(file).text, offset),
        code,
      })),
    ),
    unsettled: settled.unsettled,
    silenced: changed.size === 0 ? [] : findSilenced(workspace, changed),
  }
}

const formerReason = (workspace: Workspace, { file, name }: DefinitionFact, sites: UnkeptClass['sites']): string =>
  `its class stays as ${formerNameOf(workspace.edited(file).tree, name)}, because constructions of it stay: ` +
  toReasons(sites)

/** One directive stands for all that the compiler says of a line: each code is said once. */
const onePerLine = (suppressed: RunPlan['suppressed']): RunPlan['suppressed'] => [
  ...new Map(suppressed.map((one) => [`${one.file}:${one.line}:${one.code}`, one])).values(),
]

const nameOf = ({ file, name }: DefinitionFact): string => `${file}#${name}`

/** A type without a user: no maker of it can be moved, whatever is done at its sites. */
function unfit({ canonical }: ScanResult, target: MigrateTarget): { definition: string; reason: string }[] {
  const isAsked = target.expression.includes('{user}') && (target.required ?? ['user']).includes('user')
  const hasUser = canonical?.fields.some(
    ({ name }) => Object.hasOwn(target.fields, name) && target.fields[name]!.to === 'user',
  )
  const isOwn = canonical && !/(?:^\.\.|\/)?node_modules\//.test(canonical.file) && !canonical.file.startsWith('..')
  return canonical && isOwn && isAsked && !hasUser && canonical.fields.length > 0
    ? [
        {
          definition: nameOf(canonical),
          reason:
            'it does not fit: no field of it says who the user is. Name one under migrate.fields ("author": { ' +
            '"to": "user" }), or your own factory as migrate.target',
        },
      ]
    : []
}
