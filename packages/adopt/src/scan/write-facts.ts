/**
 * Calls and assignments that write fields of a value past its type.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import { objectPastType, pathOf, withoutParentheses } from './detour-facts.ts'
import type { RawWrite } from './file-facts.ts'

/** Library functions that change their first argument, whatever its type says. */
const writers: ReadonlySet<string> = new Set([
  'Object.assign',
  'Object.defineProperty',
  'Object.defineProperties',
  'Object.setPrototypeOf',
  'Reflect.set',
  'Reflect.defineProperty',
  'Reflect.deleteProperty',
  'Reflect.setPrototypeOf',
])

/** Names that a file gives those functions: `const { assign } = Object`. */
export type WriterNames = Map<string, string>

/** Reads one variable; what it names is added to `names`. */
export const learnWriters = (declarator: SyntaxNode, names: WriterNames): void => {
  const [id, init] = [childAt(declarator, 'id'), withoutParentheses(childAt(declarator, 'init'))]
  const add = (local: string | undefined, path: string): void =>
    void (local !== undefined && writers.has(path) && names.set(local, path))
  if (id?.type === 'Identifier') add(nameOf(id), pathOf(init))
  if (id?.type !== 'ObjectPattern' || !/^(Object|Reflect)$/.test(pathOf(init))) return
  for (const property of childrenAt(id, 'properties'))
    add(nameOf(childAt(property, 'value')), `${pathOf(init)}.${nameOf(childAt(property, 'key'))}`)
}

/** @param node a call, an assignment, `++` or `delete` */
export const writeOf = (node: SyntaxNode, names: WriterNames, enclosing: string): RawWrite | undefined => {
  if (node.type === 'UnaryExpression' && node['operator'] !== 'delete') return undefined
  if (node.type !== 'CallExpression') {
    const object = objectPastType(childAt(node, node.type === 'AssignmentExpression' ? 'left' : 'argument'))
    return object && { ...spanOf(node), target: object, isThis: false, enclosing }
  }
  const [target] = childrenAt(node, 'arguments')
  const path = pathOf(withoutParentheses(childAt(node, 'callee')))
  if (!target || target.type === 'SpreadElement' || !writers.has(names.get(path) ?? path)) return undefined
  return { ...spanOf(node), target: spanOf(target), isThis: target.type === 'ThisExpression', enclosing }
}
