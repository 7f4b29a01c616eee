/**
 * Why a site stays although its value can be written by the factory: what the rest of the tree does with it.
 */
import { chainOf, madeChain, readClassChain } from './class-chain.ts'
import type { ClassChain } from './class-chain.ts'
import { definitionKey } from './definition-key.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import { constructionOf } from './frozen-literal.ts'
import type { Known, Run } from './round.ts'
import type { Site } from './site-plan.ts'
import { findNode } from '../engine/syntax-search.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { TargetMembers } from './target-members.ts'
import { familyOf, toTreeAnswers } from './tree-answers.ts'
import { spanKey } from './value-origins.ts'
import type { Workspace } from './workspace.ts'

/** `isCarried`: the value goes on beside a sealed context, with the fields that it had. The overlay must be empty. */
export const newObstacles = (
  run: Run,
  plans: readonly DefinitionPlan[],
  { carriers }: Pick<Known, 'carriers'>,
): ((site: Site, isCarried: boolean) => string | undefined) => {
  const { workspace, scan } = run
  const { handed, reached, renamed, loose, members } = toTreeAnswers(run)
  const family = familyOf(scan)
  const moved = new Set(plans.map(({ definition }) => definitionKey(definition)))
  const staying = family.filter((one) => !moved.has(definitionKey(one)) && !carriers.has(one))
  return (site, isCarried) => {
    const made = madeClass(workspace, site)
    const [asked] = [...(made?.keys ?? [])].flatMap((key) => handed.get(key) ?? [])
    if (asked !== undefined)
      return `its class is handed on as a value at ${asked}: what is asked there of its instances is not known`
    const found = reached(spanKey(site.file, site), () => ({ made, moved }))
    if (found && !(isCarried && found.isCopy)) return found.why
    if (isCarried) return undefined
    const more = addedProperty(run, site, family, members)
    if (more !== undefined)
      return `its type extends the context with ${more}: the new context has none, and none can be written to it`
    const old = renamed(site, staying)
    if (old) return `its type stays, ${old.place} reads ${old.field} of it, and the new context has no ${old.field}`
    const other = loose(site)
    return other && toLooseReason(other)
  }
}

const toLooseReason = ({ field, place }: { readonly field: string; readonly place: string }): string =>
  `${place} reads ${field} of it by another type or as a text, and the new context has no ${field}`

/** What a type adds to a context that it extends, optional or not: code that has the type may write it later. */
function addedProperty(
  { workspace, target }: Run,
  site: Site,
  family: readonly DefinitionFact[],
  members: TargetMembers,
): string | undefined {
  const made = madeChain(workspace, site)
  if (!made) return undefined
  const keys = new Set(family.map(definitionKey))
  const own = new Set(family.flatMap(({ fields }) => fields.map(({ name }) => name)))
  const { project, type } = made
  // Of a union each type is asked alone: what is no context adds nothing to one.
  for (const one of type.sort === 'intersection' ? [type] : project.membersOf(type)) {
    const declared = chainOf(workspace, project, one).keys
    const isDefinition = project
      .symbolOf(one)
      ?.declarations.some((place) =>
        keys.has(definitionKey({ file: workspace.relativeOf(place.file), end: place.end })),
      )
    if (isDefinition || ![...declared].some((key) => keys.has(key))) continue
    const added = project
      .propertiesOf(one)
      .find(({ name }) => !own.has(name) && !members.has(name) && target.fields[name] === undefined)
    if (added) return added.name
  }
  return undefined
}

/** Classes of what a site calls. */
function madeClass(workspace: Workspace, site: Site): ClassChain | undefined {
  const node = findNode(workspace.edited(site.file).tree, site.start, site.end)?.node
  const inner = node && constructionOf(node)
  return inner?.type === 'NewExpression' ? readClassChain(workspace, site.file, inner) : undefined
}
