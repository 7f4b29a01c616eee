/**
 * Patterns that take the rest of a type and hand it on as a whole: whoever takes it reads fields by other types, so
 * that one which is taken out is missing there. A rest of which members are read alone is read as the type is.
 */
import { isTypedSource } from '../own-source.ts'
import type { DefinitionFact } from '../../scan/scan-result.ts'
import type { Node } from '../../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../../engine/syntax-search.ts'
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
      if (!isTypedSource(file)) continue
      if (!/\.\.\.\s*[\w$]+\s*,?\s*\}/.test(workspace.source(file).text)) continue
      walkNodes(workspace.edited(file).tree.program, (node, ancestors) => {
        if (node.type !== 'ObjectPattern' || !handsOnRest(node, ancestors)) return
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

/** Whether the rest is used otherwise than by a member that the source names. */
function handsOnRest(pattern: Extract<Node, { type: 'ObjectPattern' }>, ancestors: readonly Node[]): boolean {
  const rest = (pattern.properties as readonly Node[]).find(({ type }) => type === 'RestElement')
  if (rest?.type !== 'RestElement') return false
  const name = keyNameOf(rest.argument as Node)
  const scope = ancestors.findLast(({ type }) => /Function|Program/.test(type))
  if (name === undefined || scope === undefined) return true
  let isHandedOn = false
  walkNodes(scope, (node, above) => {
    if (node.type !== 'Identifier' || node.name !== name || node.start === rest.argument.start) return
    const parent = above.at(-1)
    isHandedOn ||= parent?.type !== 'MemberExpression' || parent.computed || parent.object !== node
  })
  return isHandedOn
}
