/**
 * Constructions that stay and whose value an object of their arguments would not be: their class stays for them.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import { holdsItsArguments } from './constructor-form.ts'
import { isComputing } from './former-class.ts'
import { makesOneOf } from './left-units.ts'
import type { Stay } from './homeless-members.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Left } from './site-plan.ts'
import { lineOf } from '../engine/syntax.ts'
import { findNode, unwrapExpression } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

type Question = {
  readonly workspace: Workspace
  readonly left: readonly Left[]
  readonly definitions: readonly DefinitionFact[]
  readonly target: MigrateTarget
}

/** @returns The classes that are still called, each with the first place that needs it. The overlay must be empty. */
export const findUnkeptConstructions = ({
  workspace,
  left,
  definitions,
  target,
}: Question): Map<DefinitionFact, Stay> => {
  const unkept = new Map<DefinitionFact, Stay>()
  for (const { site } of left) {
    const { tree } = workspace.edited(site.file)
    const placed = findNode(tree, site.start, site.end)
    const inner = placed && unwrapExpression(placed.node)
    if (inner?.type !== 'NewExpression') continue
    if (holdsItsArguments(workspace, site.file, inner, target) && !isComputing(workspace, site.file, inner)) continue
    for (const definition of definitions) {
      if (unkept.has(definition) || !makesOneOf(workspace, site, [definition])) continue
      const place = `${site.file}:${lineOf(tree.text, site.start)}`
      unkept.set(definition, { reason: `a construction of it stays and needs its class (at ${place})`, uses: [] })
    }
  }
  return unkept
}
