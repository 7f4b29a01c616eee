/**
 * Calls and assignments that reach a typed function or field past its type: `(service as any).run(body)`,
 * `run.call(undefined, body)`, `Reflect.apply(run, undefined, [body])`, `(run as Function)(body)`,
 * `Object.assign(service, { last: body })`.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawDetour, Span } from './file-facts.ts'

/** @param node a call or an assignment */
export const detoursOf = (node: SyntaxNode, enclosing: string): readonly RawDetour[] => {
  if (node.type === 'AssignmentExpression') {
    const member = node['operator'] === '=' ? memberPastType(childAt(node, 'left')) : undefined
    return member ? [{ ...member, form: 'set', values: [spanOf(childAt(node, 'right')!)], enclosing }] : []
  }
  const writes = reflectiveWritesOf(node, enclosing)
  const call = writes.length === 0 ? detourOf(node, enclosing) : undefined
  return call ? [call] : writes
}

const detourOf = (node: SyntaxNode, enclosing: string): RawDetour | undefined => {
  const callee = withoutParentheses(childAt(node, 'callee'))
  const given = childrenAt(node, 'arguments')
  if (!callee) return undefined
  // A function that is asserted to `any` is shown by the assertion itself.
  const typed = beneathFunction(callee)
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

/** Library functions that write fields by name, which no compiler compares with the fields' types. */
const reflectiveWritesOf = (node: SyntaxNode, enclosing: string): RawDetour[] => {
  const callee = withoutParentheses(childAt(node, 'callee'))
  const [target, key, ...rest] = childrenAt(node, 'arguments')
  if (callee?.type !== 'MemberExpression' || !target || !key) return []
  const object = spanOf(target)
  const set = (member: string | undefined, value: SyntaxNode | undefined): RawDetour[] =>
    member !== undefined && value ? [{ object, member, form: 'set', values: [spanOf(value)], enclosing }] : []
  switch (`${nameOf(childAt(callee, 'object'))}.${nameOf(childAt(callee, 'property'))}`) {
    case 'Object.assign':
      return [key, ...rest].flatMap((source) => {
        const parts = source.type === 'ObjectExpression' ? childrenAt(source, 'properties') : [source]
        return parts.flatMap((part): RawDetour[] => {
          if (part.type === 'Property') return set(keyOf(part), childAt(part, 'value'))
          // A list of sources that is spread is not followed.
          if (part === source && part.type === 'SpreadElement') return []
          const whole = part.type === 'SpreadElement' ? childAt(part, 'argument')! : part
          return [{ object, member: undefined, form: 'assign', values: [spanOf(whole)], enclosing }]
        })
      })
    case 'Reflect.set':
      return set(textOf(key), rest[0])
    case 'Object.defineProperty':
    case 'Reflect.defineProperty': {
      const fields = rest[0]?.type === 'ObjectExpression' ? childrenAt(rest[0], 'properties') : []
      const value = fields.find((field) => field.type === 'Property' && keyOf(field) === 'value')
      return set(textOf(key), childAt(value, 'value'))
    }
    default:
      return []
  }
}

/** The written name of a property; undefined where it is computed. */
const keyOf = (property: SyntaxNode): string | undefined => {
  const key = childAt(property, 'key')
  return property['computed'] === true ? textOf(key) : (nameOf(key) ?? textOf(key))
}

/** The value of a text literal. */
export const textOf = (node: SyntaxNode | undefined): string | undefined =>
  node?.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined

/** The member of a value that stands beneath an assertion. */
export const memberPastType = (node: SyntaxNode | undefined): { object: Span; member: string } | undefined => {
  if (node?.type !== 'MemberExpression') return undefined
  const object = beneathAssertions(withoutParentheses(childAt(node, 'object')))
  const key = childAt(node, 'property')
  const name = node['computed'] === true ? textOf(key) : nameOf(key)
  return object && name !== undefined ? { object: spanOf(object), member: name } : undefined
}

/** The value under one assertion or several: what it is asserted to says nothing about what it is. */
const beneathAssertions = (node: SyntaxNode | undefined): SyntaxNode | undefined => {
  if (!isAssertion(node)) return undefined
  const value = withoutParentheses(childAt(node, 'expression'))
  return beneathAssertions(value) ?? value
}

const isAssertion = (node: SyntaxNode | undefined): node is SyntaxNode =>
  node?.type === 'TSAsExpression' || node?.type === 'TSTypeAssertion'

/** The value under an assertion to the type that calls of it are not compared with. */
const beneathFunction = (node: SyntaxNode): SyntaxNode | undefined =>
  isAssertion(node) && nameOf(childAt(childAt(node, 'typeAnnotation'), 'typeName')) === 'Function'
    ? beneathAssertions(node)
    : undefined

export const withoutParentheses = (node: SyntaxNode | undefined): SyntaxNode | undefined =>
  node?.type === 'ParenthesizedExpression' ? withoutParentheses(childAt(node, 'expression')) : node

const elementsOf = (node: SyntaxNode | undefined): Span[] =>
  node?.type === 'ArrayExpression' ? childrenAt(node, 'elements').map(spanOf) : []
