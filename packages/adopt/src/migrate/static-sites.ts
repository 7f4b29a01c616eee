/**
 * Constructions inside static members that outlive their class. They are no findings: a scan leaves a class's own body
 * alone.
 */
import type { ChangeUnit } from './change-unit.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import type { LeftSite } from './migrate-options.ts'
import type { Site } from './site-plan.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { lineStart, printMark } from './todo-marks.ts'
import type { Workspace } from './workspace.ts'

/** Every `new` of the class itself inside what is kept of it. */
export const sitesInStatics = (workspace: Workspace, plans: readonly DefinitionPlan[]): Site[] => {
  return plans.flatMap(({ definition: { file, name }, kept }) => {
    const sites: Site[] = []
    if (kept.length > 0)
      walkNodes(workspace.edited(file).tree.program, (node) => {
        const isInside = kept.some((one) => one.start <= node.start && node.end <= one.end)
        if (isInside && node.type === 'NewExpression' && keyNameOf(node.callee) === name)
          sites.push({ file, start: node.start, end: node.end, kind: 'new' })
      })
    return sites
  })
}

/**
 * A mark inside a static member that is printed anew: an edit of its own, because the member has no place of its own
 * in the new text.
 */
export const toInnerMark = (
  workspace: Workspace,
  site: Site,
  plans: readonly DefinitionPlan[],
  { reason, callers }: LeftSite,
): ChangeUnit | undefined => {
  const { tree, style } = workspace.edited(site.file)
  const start = lineStart(tree.text, site.start)
  const kept = plans
    .flatMap((plan) => (plan.definition.file === site.file ? plan.kept : []))
    .find((one) => one.start <= start && site.end <= one.end)
  const indent = /^[ \t]*/.exec(tree.text.slice(start))![0]
  return (
    kept && {
      file: site.file,
      purpose: 'mark',
      edits: [{ start, end: start, print: () => `${indent}${printMark({ reason, callers })}${style.lineEnd}` }],
      wants: [],
    }
  )
}
