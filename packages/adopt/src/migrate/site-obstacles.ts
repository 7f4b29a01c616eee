/**
 * Why a site stays although its value can be written by the factory: what the rest of the tree does with it.
 */
import { readClassChain } from './class-chain.ts'
import type { ClassChain } from './class-chain.ts'
import { definitionKey } from './definition-key.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import { constructionOf } from './frozen-literal.ts'
import type { Known, Run } from './round.ts'
import type { Site } from './site-plan.ts'
import { findNode } from '../engine/syntax-search.ts'
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
  const { handed, reached, renamed, loose } = toTreeAnswers(run)
  const moved = new Set(plans.map(({ definition }) => definitionKey(definition)))
  const staying = familyOf(scan).filter((one) => !moved.has(definitionKey(one)) && !carriers.has(one))
  return (site, isCarried) => {
    const made = madeClass(workspace, site)
    const [asked] = [...(made?.keys ?? [])].flatMap((key) => handed.get(key) ?? [])
    if (asked !== undefined)
      return `its class is handed on as a value at ${asked}: what is asked there of its instances is not known`
    const found = reached(spanKey(site.file, site), () => ({ made, moved }))
    if (found && !(isCarried && found.isCopy)) return found.why
    if (isCarried) return undefined
    const old = renamed(site, staying)
    if (old) return `its type stays, ${old.place} reads ${old.field} of it, and the new context has no ${old.field}`
    const other = loose(site)
    return other && toLooseReason(other)
  }
}

const toLooseReason = ({ field, place }: { readonly field: string; readonly place: string }): string =>
  `${place} reads ${field} of it by another type or as a text, and the new context has no ${field}`

/** Classes of what a site calls. */
function madeClass(workspace: Workspace, site: Site): ClassChain | undefined {
  const node = findNode(workspace.edited(site.file).tree, site.start, site.end)?.node
  const inner = node && constructionOf(node)
  return inner?.type === 'NewExpression' ? readClassChain(workspace, site.file, inner) : undefined
}
