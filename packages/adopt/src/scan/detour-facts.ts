/**
 * Calls and assignments that reach a typed function or field past its type: `(service as any).run(body)`,
 * `run.call(undefined, body)`, `Reflect.apply(run, undefined, [body])`, `(run as Function)(body)`,
 * `Object.assign(service, { last: body })`.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawDetour, RawSpread, Span } from './file-facts.ts'

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
  const handed = handedOn(callee, given)
  if (!handed) return undefined
  const { target, list, form } = handed
  return { object: spanOf(target), member: undefined, form, values: elementsOf(list ?? handed.values), enclosing }
}

/** A call that has another function called, with values one by one or in a list. */
type HandedOn = {
  readonly target: SyntaxNode
  readonly form: RawDetour['form']
  readonly values?: readonly SyntaxNode[]
  readonly list?: SyntaxNode | undefined
}

const handedOn = (callee: SyntaxNode, given: readonly SyntaxNode[]): HandedOn | undefined => {
  const path = pathOf(callee)
  const [target] = given
  // Their types take any function with any values.
  if (target && path === 'Reflect.apply') return { target, form: 'cast-call', list: given[2] }
  if (target && path === 'Reflect.construct') return { target, form: 'cast-call', list: given[1] }
  const first = callers.get(path)
  if (target && first !== undefined) return { target, form: 'cast-call', values: given.slice(first) }
  const object = childAt(callee, 'object')
  if (callee.type !== 'MemberExpression' || !object) return undefined
  switch (nameOf(childAt(callee, 'property'))) {
    case 'apply':
      return { target: object, form: 'indirect', list: given[1] }
    case 'call':
    case 'bind':
      return { target: object, form: 'indirect', values: given.slice(1) }
    default:
      return undefined
  }
}

/** Library functions that call what they are given later, and which of their arguments is the first that it gets. */
const callers: ReadonlyMap<string, number> = new Map([
  ['setTimeout', 2],
  ['setInterval', 2],
  ['setImmediate', 1],
  ['process.nextTick', 1],
])

/** `run.apply(undefined, list)` gives the list as `run(...list)` does. */
export const handedListOf = (node: SyntaxNode, enclosing: string): RawSpread[] => {
  const callee = withoutParentheses(childAt(node, 'callee'))
  const { target, list } = (callee && handedOn(callee, childrenAt(node, 'arguments'))) ?? {}
  if (!target || !list || withoutParentheses(list)!.type === 'ArrayExpression') return []
  return [{ ...spanOf(list), form: 'arguments', holder: spanOf(target), index: 0, enclosing }]
}

/** `Object.assign`, the global object left out; `assign` for a name alone. */
export const pathOf = (node: SyntaxNode | undefined): string => {
  if (node?.type === 'Identifier') return nameOf(node)!
  if (node?.type !== 'MemberExpression') return ''
  const key = childAt(node, 'property')
  const name = node['computed'] === true ? textOf(key) : nameOf(key)
  const path = `${pathOf(withoutParentheses(childAt(node, 'object')))}.${name}`
  return path.replace(/^(?:globalThis|window|global|self)\./, '')
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
  const object = objectPastType(node)
  const key = childAt(node, 'property')
  const name = node?.['computed'] === true ? textOf(key) : nameOf(key)
  return object && name !== undefined ? { object, member: name } : undefined
}

/** The value beneath an assertion whose member, of whatever name, the node is. */
export const objectPastType = (node: SyntaxNode | undefined): Span | undefined => {
  const member = withoutParentheses(node)
  if (member?.type !== 'MemberExpression') return undefined
  const object = beneathAssertions(withoutParentheses(childAt(member, 'object')))
  return object && spanOf(object)
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

/** Values one by one; those of a list where it is written out. */
const elementsOf = (given: SyntaxNode | readonly SyntaxNode[] | undefined): Span[] => {
  const values = isList(given) ? given : childrenAt(withoutParentheses(given), 'elements')
  return values.map(spanOf)
}

const isList = (given: SyntaxNode | readonly SyntaxNode[] | undefined): given is readonly SyntaxNode[] =>
  Array.isArray(given)
