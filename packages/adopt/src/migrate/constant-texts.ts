/**
 * Texts that the source writes down: a literal, a list or a set of them, by name or as they stand.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import { isOwnSource } from './own-source.ts'
import type { Workspace } from './workspace.ts'

/** The texts, or undefined where they are not all written down. */
export const listOfTexts = (workspace: Workspace, file: string, node: Node): readonly string[] | undefined => {
  const inner = unwrapExpression(node)
  if (inner.type === 'Literal') return typeof inner.value === 'string' ? [inner.value] : undefined
  if (inner.type === 'Identifier') {
    const found = constantOf(workspace, file, inner)
    return found && textsOf(found)
  }
  if (inner.type === 'MemberExpression' && !inner.computed && inner.object.type === 'Identifier') {
    const owner = constantOf(workspace, file, inner.object)
    if (owner?.type !== 'ObjectExpression') return undefined
    const name = keyNameOf(inner.property)
    const member = owner.properties.find((one) => one.type === 'Property' && keyNameOf(one.key as Node) === name)
    return member?.type === 'Property' ? textsOf(unwrapExpression(member.value as Node)) : undefined
  }
  return textsOf(inner)
}

function textsOf(node: Node): readonly string[] | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? [node.value] : undefined
  if (node.type === 'NewExpression' && keyNameOf(node.callee) === 'Set' && node.arguments.length === 1)
    return textsOf(unwrapExpression(node.arguments[0] as Node))
  if (node.type !== 'ArrayExpression') return undefined
  const texts = node.elements.map((one) => keyNameOf(one && unwrapExpression(one as Node)))
  const isWritten = node.elements.every((one) => one && unwrapExpression(one as Node).type === 'Literal')
  return isWritten && texts.every((one) => one !== undefined) ? (texts as string[]) : undefined
}

/** What a `const` of the tree is set to. */
function constantOf(workspace: Workspace, file: string, name: Node): Node | undefined {
  const declaration = workspace.projectOf(file)?.symbolsAt([workspace.spanOf(file, name)])[0]?.declarations[0]
  const owner = declaration && workspace.relativeOf(declaration.file)
  if (owner === undefined || !isOwnSource(owner)) return undefined
  let found: Node | undefined
  walkNodes(workspace.edited(owner).tree.program, (node, ancestors) => {
    const parent = ancestors.at(-1)
    const isConstant = parent?.type === 'VariableDeclaration' && parent.kind === 'const'
    if (node.type === 'VariableDeclarator' && isConstant && node.end === declaration!.end && node.init)
      found = node.init
    return !found
  })
  return found && unwrapExpression(found)
}
