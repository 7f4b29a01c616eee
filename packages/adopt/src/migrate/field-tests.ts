/**
 * Whether code asks if an optional field is there (`if (context.threadId)`, `context.permissions ?? all`).
 */
import { calledFunction } from './called-function.ts'
import { isSameBehind, isSameOfEmpty } from './empty-outcomes.ts'
import type { FieldUse } from './readers/field-uses.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** `isId`: what is there is a text. Otherwise a list or a record, of which an empty one may stand for none. */
type Asked = { readonly isId: boolean }

/** Also by the name that it is given, or by a function of the tree that it is handed to. The overlay must be empty. */
export const isFieldTest = (
  workspace: Workspace,
  { file, role, placed: { node, ancestors } }: FieldUse,
  asked: Asked,
): boolean => {
  if (role === 'read')
    return (
      isTested(node, ancestors, asked) ||
      isNameTested(namedBy(node, ancestors), ancestors, asked) ||
      isTestedByCalled(workspace, file, { node, ancestors }, asked)
    )
  if (role !== 'pattern' || node.type !== 'Property') return false
  if (node.value.type === 'AssignmentPattern') return asked.isId || !isEmpty(node.value.right)
  return isNameTested(keyNameOf(node.value as Node), ancestors, asked)
}

/** `const threadId = context.threadId`: the name. */
function namedBy(node: Node, ancestors: readonly Node[]): string | undefined {
  const parent = ancestors.at(-1)
  return parent?.type === 'VariableDeclarator' && parent.init === node ? keyNameOf(parent.id as Node) : undefined
}

function isTestedByCalled(workspace: Workspace, file: string, { node, ancestors }: Placed, asked: Asked): boolean {
  const call = ancestors.at(-1)
  if (call?.type !== 'CallExpression' && call?.type !== 'NewExpression') return false
  const index = call.arguments.indexOf(node as never)
  const called = index < 0 ? undefined : calledFunction(workspace, file, call)
  const parameter = ((called?.node as { params?: Node[] } | undefined)?.params ?? [])[index]
  if (!called || !parameter) return false
  // A default stands for what is absent.
  if (parameter.type === 'AssignmentPattern') return asked.isId || !isEmpty(parameter.right)
  return isNameTested(keyNameOf(parameter), [called.node], asked)
}

function isNameTested(name: string | undefined, ancestors: readonly Node[], asked: Asked): boolean {
  const scope = ancestors.findLast(({ type }) => /Function|^Program$/.test(type))
  if (name === undefined || !scope) return false
  let found = false
  walkNodes(scope, (node, above) => {
    found ||= node.type === 'Identifier' && node.name === name && isTested(node, above, asked)
    return !found
  })
  return found
}

function isTested(node: Node, ancestors: readonly Node[], asked: Asked): boolean {
  const parent = ancestors.at(-1)
  const above = ancestors.slice(0, -1)
  if (parent === undefined) return false
  if (parent.type === 'ChainExpression' || parent.type === 'ParenthesizedExpression')
    return isTested(parent, above, asked)
  if ('test' in parent) return parent.test === node
  if (parent.type === 'SwitchStatement') return parent.discriminant === node
  if (parent.type === 'LogicalExpression') {
    // Of a record or a list an empty one is what the new context has.
    if (parent.left === node && !asked.isId && parent.operator !== '&&' && isEmpty(parent.right)) return false
    if (parent.left === node) return asked.isId || !isSameBehind(parent, above)
    return isTested(parent, above, asked)
  }
  if (parent.type === 'UnaryExpression') return parent.operator === '!' || parent.operator === 'typeof'
  if (parent.type === 'MemberExpression')
    return parent.object === node && parent.optional && (asked.isId || !isSameOfEmpty(parent, above))
  if (parent.type !== 'BinaryExpression') return false
  const other = parent.left === node ? parent.right : parent.left
  return keyNameOf(other as Node) === 'undefined' || (other.type === 'Literal' && other.value === null)
}

function isEmpty(node: Node): boolean {
  const inner = unwrapExpression(node)
  if (inner.type === 'ArrayExpression') return inner.elements.length === 0
  return inner.type === 'ObjectExpression' && inner.properties.length === 0
}
