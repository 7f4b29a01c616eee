/**
 * Patterns that take the rest of a type: what the rest holds is passed on by name, whoever reads it, so that a field
 * which is taken out is missing there.
 */
import type { DefinitionFact } from '../../scan/scan-result.ts'
import { walkNodes } from '../../engine/syntax-search.ts'
import type { Workspace } from '../workspace.ts'

/** Where a pattern takes the rest of each definition, the first of them. The overlay must be empty. */
export const findRestPatterns = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
): ReadonlyMap<DefinitionFact, { readonly file: string; readonly start: number }> => {
  const found = new Map<DefinitionFact, { readonly file: string; readonly start: number }>()
  for (const project of workspace.checker.projects) {
    for (const absolute of project.files) {
      const file = workspace.relativeOf(absolute)
      if (file.startsWith('..') || !/(?<!\.d)\.[cm]?tsx?$/.test(file)) continue
      if (!/\.\.\.\s*[\w$]+\s*,?\s*\}/.test(workspace.source(file).text)) continue
      walkNodes(workspace.edited(file).tree.program, (node, ancestors) => {
        if (node.type !== 'ObjectPattern' || !node.properties.some((one) => (one.type as string) === 'RestElement'))
          return
        const owner = ancestors.at(-1)
        const annotation = node.typeAnnotation?.typeAnnotation
        const source = annotation ?? (owner?.type === 'VariableDeclarator' ? owner.init : undefined) ?? node
        const [type] = project.typesAt([workspace.spanOf(file, source)])
        const places = (type ? project.membersOf(type) : []).flatMap((one) => project.symbolOf(one)?.declarations ?? [])
        for (const definition of definitions) {
          const isOne = places.some(
            (one) => workspace.relativeOf(one.file) === definition.file && one.end === definition.end,
          )
          if (isOne && !found.has(definition)) found.set(definition, { file, start: node.start })
        }
      })
    }
  }
  return found
}
