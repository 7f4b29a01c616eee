/**
 * Calls and assignments that reach a typed function or field past its type: `(service as any).run(body)`,
 * `run.call(undefined, body)`, `Reflect.apply(run, undefined, [body])`, `(run as Function)(body)`.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawDetour, Span } from './file-facts.ts'

/** @param node a call or an assignment */
export const detourOf = (node: SyntaxNode, enclosing: string): RawDetour | undefined => {
  if (node.type === 'AssignmentExpression') {
    const member = node['operator'] === '=' ? memberPastType(childAt(node, 'left')) : undefined
    return member && { ...member, form: 'set', values: [spanOf(childAt(node, 'right')!)], enclosing }
  }
  const callee = withoutParentheses(childAt(node, 'callee'))
  const given = childrenAt(node, 'arguments')
  if (!callee) return undefined
  // A function that is asserted to `any` is shown by the assertion itself.
  const typed = pastType(callee, ['Function'])
  if (typed)
    return { object: spanOf(typed), member: undefined, form: 'cast-call', values: given.map(spanOf), enclosing }
  const member = memberPastType(callee)
  if (member) return { ...member, form: 'cast-call', values: given.map(spanOf), enclosing }
  if (callee.type !== 'MemberExpression') return undefined
  const object = childAt(callee, 'object')!
  const name = nameOf(childAt(callee, 'property'))
  if (nameOf(object) === 'Reflect' && name === 'apply' && given[0])
    return { object: spanOf(given[0]), member: undefined, form: 'indirect', values: elementsOf(given[2]), enclosing }
  if (name === 'call' || name === 'bind')
    return {
      object: spanOf(object),
      member: undefined,
      form: 'indirect',
      values: given.slice(1).map(spanOf),
      enclosing,
    }
  return undefined
}

const memberPastType = (node: SyntaxNode | undefined): { object: Span; member: string } | undefined => {
  if (node?.type !== 'MemberExpression') return undefined
  const object = pastType(withoutParentheses(childAt(node, 'object')), ['any', 'Function'])
  const key = childAt(node, 'property')
  const text = key?.type === 'Literal' && typeof key['value'] === 'string' ? key['value'] : undefined
  const name = node['computed'] === true ? text : nameOf(key)
  return object && name !== undefined ? { object: spanOf(object), member: name } : undefined
}

/** The value under an assertion to one of the types. */
const pastType = (node: SyntaxNode | undefined, open: readonly string[]): SyntaxNode | undefined => {
  if (node?.type !== 'TSAsExpression' && node?.type !== 'TSTypeAssertion') return undefined
  const type = childAt(node, 'typeAnnotation')
  const name = type?.type === 'TSAnyKeyword' ? 'any' : nameOf(childAt(type, 'typeName'))
  return name !== undefined && open.includes(name) ? withoutParentheses(childAt(node, 'expression')) : undefined
}

const withoutParentheses = (node: SyntaxNode | undefined): SyntaxNode | undefined =>
  node?.type === 'ParenthesizedExpression' ? withoutParentheses(childAt(node, 'expression')) : node

const elementsOf = (node: SyntaxNode | undefined): Span[] =>
  node?.type === 'ArrayExpression' ? childrenAt(node, 'elements').map(spanOf) : []
