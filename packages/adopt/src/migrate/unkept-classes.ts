/**
 * Classes whose constructions stay: a `new` that is left needs its class, and a literal that is left needs its type.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import { definitionKey } from './definition-key.ts'
import { madeBy } from './left-units.ts'
import type { Stay } from './homeless-members.ts'
import type { Proof } from './prove-units.ts'
import type { Left, Site } from './site-plan.ts'
import { lineOf } from '../engine/syntax.ts'
import { findNode, unwrapExpression } from '../engine/syntax-search.ts'
import { newWholeness } from './whole-class.ts'
import type { Wholeness } from './whole-class.ts'
import type { Workspace } from './workspace.ts'

/**
 * What becomes of a class that is still made. `whole`: it stays as it is. `former`: it stays as a value under another
 * name, because its own name has to be the sealed type for other sites to move. `gone`: the same where only literals
 * are left, which are values without it.
 */
export type UnkeptClass = {
  readonly form: 'whole' | 'former' | 'gone'
  readonly sites: readonly { readonly place: string; readonly reason: string }[]
  /** A `new` of it is left. */
  readonly isCalled: boolean
  /** Sites that move when the class does not stay whole, as `file:start`. */
  readonly wouldMove: readonly string[]
}

/**
 * @returns What a round found out beyond `known`; empty when the round holds. A class stays whole unless that would
 * hold another site back. The overlay must be empty.
 */
export const settleClasses = (
  question: Wholeness & { readonly proof: Proof },
  known: ReadonlyMap<DefinitionFact, UnkeptClass>,
): Map<DefinitionFact, UnkeptClass> => {
  const { workspace, plans, left, proof } = question
  const moved = proof.kept.flatMap(({ purpose, finding }) => (purpose === 'site' && finding ? [finding] : []))
  const isMoved = new Set(moved.map(keyOf))
  const settled = new Map<DefinitionFact, UnkeptClass>()
  for (const [definition, one] of known)
    if (one.form === 'whole' && !one.wouldMove.every((key) => isMoved.has(key)))
      settled.set(definition, { ...one, form: withoutWhole(one) })
  const fresh = plans.filter(({ definition, isClass }) => isClass && !known.has(definition))
  const unkept = findUnkept(
    workspace,
    left,
    fresh.map(({ definition }) => definition),
  )
  if (unkept.size === 0) return settled
  const canBeWhole = newWholeness(question)
  const movedOf = sitesByType(workspace, moved)
  for (const plan of fresh) {
    const found = unkept.get(plan.definition)
    if (!found) continue
    const wouldMove = movedOf(plan.definition).map(keyOf)
    const isWhole = wouldMove.length === 0 || canBeWhole(plan)
    settled.set(plan.definition, { ...found, wouldMove, form: isWhole ? 'whole' : withoutWhole(found) })
  }
  return settled
}

/** Why a class stays: in its mark by place, in the report by reason and place. */
export const toStay = ({ sites }: UnkeptClass): Stay => {
  const what = sites.length === 1 ? 'a construction of it stays and needs' : 'constructions of it stay and need'
  return {
    reason: `${what} its class (at ${list(sites.map(({ place }) => place))})`,
    detail: `${what} its class: ${toReasons(sites)}`,
    uses: [],
  }
}

/** `no user is given (src/a.ts:4, src/b.ts:7); …` */
export const toReasons = (sites: UnkeptClass['sites']): string => {
  const byReason = new Map<string, string[]>()
  for (const { place, reason } of sites) byReason.set(reason, [...(byReason.get(reason) ?? []), place])
  return [...byReason].map(([reason, places]) => `${reason} (${list(places)})`).join('; ')
}

type Found = Pick<UnkeptClass, 'sites' | 'isCalled'>

const keyOf = ({ file, start }: Pick<Site, 'file' | 'start'>): string => `${file}:${start}`
const withoutWhole = ({ isCalled }: Found): 'former' | 'gone' => (isCalled ? 'former' : 'gone')

/** Sites of each type, those that nothing types among all: each site is asked once. */
function sitesByType(workspace: Workspace, sites: readonly Site[]): (definition: DefinitionFact) => readonly Site[] {
  const byKey = new Map<string, Site[]>()
  const untyped: Site[] = []
  for (const site of sites) {
    const made = madeBy(workspace, site)
    if (made.size === 0) untyped.push(site)
    for (const key of made) {
      const own = byKey.get(key)
      if (own) own.push(site)
      else byKey.set(key, [site])
    }
  }
  return (definition) => [...(byKey.get(definitionKey(definition)) ?? []), ...untyped]
}

function findUnkept(
  workspace: Workspace,
  left: readonly Left[],
  classes: readonly DefinitionFact[],
): Map<DefinitionFact, Found> {
  const unkept = new Map<DefinitionFact, Found>()
  const byKey = new Map(classes.map((one) => [definitionKey(one), one]))
  for (const { site, reason } of left) {
    const { tree } = workspace.edited(site.file)
    const placed = findNode(tree, site.start, site.end)
    const isCall = placed !== undefined && unwrapExpression(placed.node).type === 'NewExpression'
    if (!isCall && !site.kind.startsWith('literal')) continue
    const made = madeBy(workspace, site)
    const ofType = [...made].flatMap((key) => byKey.get(key) ?? [])
    // A call that nothing types may be one of any of them.
    for (const definition of made.size === 0 && isCall ? classes : ofType) {
      const { sites = [], isCalled = false } = unkept.get(definition) ?? {}
      const place = `${site.file}:${lineOf(tree.text, site.start)}`
      unkept.set(definition, { sites: [...sites, { place, reason }], isCalled: isCalled || isCall })
    }
  }
  return unkept
}

function list(places: readonly string[]): string {
  const more = places.length - 3
  const shown = places.slice(0, 3).join(', ')
  return more > 0 ? `${shown} and ${more} more ${more === 1 ? 'place' : 'places'}` : shown
}
