/**
 * What happens at the places that stay: double assertions where the old type is gone, and the marks.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit } from './change-unit.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import type { Stay } from './homeless-members.ts'
import { makesOneOf, toLeftUnit } from './left-units.ts'
import { toFormerConstruction } from './former-class.ts'
import type { LeftSite, MigrateTarget } from './migrate-options.ts'
import type { Left, Site } from './site-plan.ts'
import type { PlacedMark } from './settle-left.ts'
import { toInnerMark } from './static-sites.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Workspace } from './workspace.ts'

type Question = {
  readonly workspace: Workspace
  /** What a left site of its type is asserted to be. */
  readonly targetOf: (site: Site) => MigrateTarget
  readonly plans: readonly DefinitionPlan[]
  /** Classes that stay under their former name. */
  readonly formers: ReadonlySet<DefinitionFact>
  readonly staying: readonly { readonly fact: DefinitionFact; readonly stay: Stay }[]
  readonly left: readonly Left[]
  /** What is reported of each left site, in the order of `left`. */
  readonly leftSites: readonly LeftSite[]
}

/** Units that must be applied, units that are offered where the compiler complains, and the comments. */
type LeftPlan = {
  readonly musts: readonly ChangeUnit[]
  readonly offers: readonly ChangeUnit[]
  readonly marks: readonly PlacedMark[]
}

/** The overlay must be empty. */
export const planLeft = ({ workspace, targetOf, plans, formers, staying, left, leftSites }: Question): LeftPlan => {
  const gone = plans.map(({ definition }) => definition)
  const units = left.flatMap(({ site }) =>
    gone.length > 0 && makesOneOf(workspace, site, gone)
      ? (toFormerConstruction(workspace, site, formers, targetOf(site)) ??
        toLeftUnit(workspace, site, targetOf(site)) ??
        [])
      : [],
  )
  // A class that is gone cannot be called; a literal is asserted only where the compiler needs it.
  const isOffer = ({ finding }: ChangeUnit): boolean =>
    finding !== undefined && (finding.kind.startsWith('literal') || finding.kind === 'look-alike')
  const inner = new Map(
    left.flatMap(({ site }, index) => {
      const unit = site.finding ? undefined : toInnerMark(workspace, site, plans, leftSites[index]!)
      return unit ? [[site, unit] as const] : []
    }),
  )
  const sites = left.flatMap(({ site, isNew }, index): PlacedMark[] => {
    const { reason, callers } = leftSites[index]!
    return isNew && !inner.has(site) ? [{ file: site.file, offset: site.start, reason, callers }] : []
  })
  const remarks = plans
    .flatMap((plan) => plan.remarks)
    .map(({ file, start }): PlacedMark => ({ file, offset: start, reason: formerClass, callers: [] }))
  return {
    musts: [...units.filter((unit) => !isOffer(unit)), ...inner.values()],
    offers: units.filter(isOffer),
    marks: [...sites, ...remarks, ...staying.flatMap(({ fact, stay }) => toStayMarks(workspace, fact, stay))],
  }
}

const formerClass = 'instanceof needs the former class: call the guard instead'

/**
 * A definition that stays is marked at the few uses that hold it. Many marks would bury the code: then it has one
 * itself.
 */
function toStayMarks(workspace: Workspace, { file, start }: DefinitionFact, { reason, uses }: Stay): PlacedMark[] {
  if (uses.length > 0 && uses.length <= 5) {
    return uses.map((use) => ({ file: use.file, offset: use.start, reason, callers: [], isAside: true }))
  }
  const places = uses.slice(0, 3).map((use) => `${use.file}:${lineOf(workspace.source(use.file).text, use.start)}`)
  const where = uses.length > 0 ? ` (at ${places.join(', ')} and ${uses.length - places.length} more places)` : ''
  return [{ file, offset: start, reason: `${reason}${where}`, callers: [], isAside: true }]
}
