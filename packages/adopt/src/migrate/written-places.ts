/**
 * Members that a node gives another value: of an assignment, `++`, `delete`, and of the patterns of an assignment and
 * of the head of a loop.
 */
import type { Node } from '../engine/syntax.ts'
import { unwrapExpression, walkNodes } from '../engine/syntax-search.ts'

/** Each of them as it stands, an assertion around it included. */
export const writtenPlaces = (node: Node): readonly Node[] => {
  if (node.type === 'AssignmentExpression') return placesIn(node.left as Node)
  if (node.type === 'UpdateExpression') return placesIn(node.argument as Node)
  if (node.type === 'UnaryExpression') return node.operator === 'delete' ? [node.argument] : []
  if (node.type !== 'ForOfStatement' && node.type !== 'ForInStatement') return []
  return node.left.type === 'VariableDeclaration' ? [] : placesIn(node.left as Node)
}

function placesIn(target: Node): readonly Node[] {
  if (unwrapExpression(target).type === 'MemberExpression') return [target]
  const places: Node[] = []
  walkNodes(target, (one, ancestors) => {
    // Keys and defaults are read.
    const parent = ancestors.at(-1)
    const isRead =
      (parent?.type === 'Property' && parent.value !== one) ||
      (parent?.type === 'AssignmentPattern' && parent.right === one)
    if (isRead) return false
    if (one.type === 'MemberExpression') places.push(one)
    return one.type !== 'MemberExpression'
  })
  return places
}
