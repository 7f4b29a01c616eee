/**
 * Re-exports of a former class, which a compiler that works file by file must see to be types now.
 */
import type { ChangeUnit } from './change-unit.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import { toTypeOnlyUnit } from './left-units.ts'
import type { Workspace } from './workspace.ts'

/** `{ Old as New }` is two uses of one specifier. */
export const typeOnlyReexports = (workspace: Workspace, plans: readonly DefinitionPlan[]): ChangeUnit[] => {
  const named = plans
    .flatMap((plan) => plan.reexports)
    .flatMap((use) => toTypeOnlyUnit(workspace.edited(use.file).tree, use.file, use, { asStatement: true }) ?? [])
  return [...new Map(named.map((unit) => [`${unit.file}:${unit.edits[0]!.start}`, unit])).values()]
}
