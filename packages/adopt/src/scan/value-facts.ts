/**
 * The values of a file that may be a context: casts, object literals, and expressions that go somewhere.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { openedByCast, spanOf, typeLeaves } from './collect-definition.ts'
import type { RawCall, RawCast, RawFlow, RawLiteral, RawSpread } from './file-facts.ts'
import { isConstAssertion, isFreeze, withoutNodes, type PlacedIn } from './position-of.ts'

/** Keywords and literal types never hold a context. */
const castForm = (type: string): RawCast['form'] | undefined =>
  type === 'TSAnyKeyword'
    ? 'any'
    : type === 'TSFunctionType'
      ? 'function'
      : type === 'TSTypeLiteral'
        ? 'object'
        : /Keyword$|^TSLiteralType$|^TSTemplateLiteralType$/.test(type)
          ? undefined
          : 'other'

/**
 * Undefined for `as const`, and where no type of the annotation can be a context.
 *
 * @param ancestors the innermost last
 */
export const toCast = (node: SyntaxNode, ancestors: readonly SyntaxNode[], enclosing: string): RawCast | undefined => {
  if (isConstAssertion(node)) return undefined
  let operand = childAt(node, 'expression')!
  while (operand.type === 'ParenthesizedExpression') operand = childAt(operand, 'expression')!
  const inner =
    operand.type === 'TSAsExpression' || operand.type === 'TSTypeAssertion'
      ? (childAt(operand, 'typeAnnotation')?.type ?? '')
      : ''
  const annotation = childAt(node, 'typeAnnotation')!
  const leaves = typeLeaves(annotation, openedByCast)
  const form = castForm(annotation.type)
  if (leaves.length === 0 && form === undefined) return undefined
  const isDouble = /^TS(Unknown|Any|Never)Keyword$/.test(inner)
  const origin = isDouble ? childAt(operand, 'expression')! : operand
  return {
    ...spanOf(node),
    leaves,
    annotation: spanOf(annotation),
    form: form ?? 'other',
    use: useOf(node, ancestors),
    operand: spanOf(operand),
    origin: spanOf(origin),
    isDouble,
    enclosing,
  }
}

const useOf = ({ start, end }: SyntaxNode, ancestors: readonly SyntaxNode[]): RawCast['use'] => {
  const user = ancestors.findLast(({ type }) => type !== 'ParenthesizedExpression')
  const callee = user?.type === 'CallExpression' ? childAt(user, 'callee')! : undefined
  if (callee && callee.start <= start && end <= callee.end) return 'called'
  const member = user?.type === 'MemberExpression' ? (nameOf(childAt(user, 'property')) ?? '') : 'call'
  return /^(?:call|apply|bind)$/.test(member) ? 'other' : 'opened'
}

export const toLiteral = (
  node: SyntaxNode,
  ancestors: readonly SyntaxNode[],
  enclosing: string,
  placedIn: PlacedIn,
): RawLiteral => {
  const placed = placedIn(node, ancestors)
  const parent = ancestors.at(-1)
  const properties = childrenAt(node, 'properties')
  const names = properties.map((property) =>
    property.type === 'SpreadElement'
      ? ''
      : property['computed'] === true
        ? undefined
        : nameOf(childAt(property, 'key')),
  )
  const keys = names.includes(undefined) ? undefined : (names as string[]).filter((name) => name !== '')
  const site =
    placed.position === 'satisfies' && childAt(placed.anchor as SyntaxNode, 'expression') === node
      ? placed.anchor
      : parent && isFreeze(parent)
        ? parent
        : node
  return {
    start: site.start,
    end: site.end,
    keys,
    hasSpread: properties.some(({ type }) => type === 'SpreadElement'),
    placed: withoutNodes(placed),
    enclosing,
    node: spanOf(node),
  }
}

/** `/** @type {T} *\/ (value)`, the assertion of JavaScript. */
export const isCommentCast = ({ start }: SyntaxNode, text: string): boolean =>
  /@(?:type|satisfies)\s*\{[^*]*\*\/\s*$/.test(text.slice(Math.max(0, start - 400), start))

/** @param node parentheses behind such a comment */
export const toCommentCast = (node: SyntaxNode, enclosing: string): RawCast => {
  const operand = spanOf(childAt(node, 'expression')!)
  const shared = { ...spanOf(node), leaves: [], annotation: spanOf(node), operand, origin: operand, enclosing }
  return { ...shared, form: 'other', use: 'other', isDouble: false }
}

/** @param node a call, or a function with type arguments that is not called: `mock<T>` */
export const callOf = (node: SyntaxNode, enclosing: string): RawCall => {
  const callee = childAt(node, 'callee') ?? childAt(node, 'expression')!
  const name = nameOf(callee) ?? ''
  const nameNode = callee.type === 'MemberExpression' ? childAt(callee, 'property')! : callee
  const isCalled = node.type === 'CallExpression'
  return { ...spanOf(node), name, nameSpan: spanOf(nameNode), callee: spanOf(callee), isCalled, enclosing }
}

/** A getter whose result has no type of its own shows in the type of the literal. */
export const hasGetter = (node: SyntaxNode): boolean =>
  childrenAt(node, 'properties').some(
    (one) => one['kind'] === 'get' && childAt(childAt(one, 'value'), 'returnType') === undefined,
  )

/** Undefined where no type expects the value. */
export const toFlow = (
  node: SyntaxNode,
  form: RawFlow['form'],
  ancestors: readonly SyntaxNode[],
  enclosing: () => string,
  placedIn: PlacedIn,
): RawFlow | undefined => {
  const placed = placedIn(node, ancestors)
  if (placed.position === 'nowhere' || placed.position === 'cast' || placed.position === 'untyped') return undefined
  return { ...spanOf(node), placed: withoutNodes(placed), enclosing: enclosing(), form }
}

/** Spreads in lists, arguments and JSX attributes; those of object literals show in the type of the literal. */
export const spreadsOf = (node: SyntaxNode, ancestors: readonly SyntaxNode[], enclosing: () => string): RawSpread[] => {
  const parent = ancestors.at(-1)
  const value = childAt(node, 'argument')
  if (!parent || !value) return []
  const shared = { ...spanOf(value), enclosing: enclosing() }
  switch (parent.type) {
    case 'ArrayExpression':
      return [{ ...shared, form: 'list', holder: spanOf(parent), index: 0 }]
    case 'CallExpression':
    case 'NewExpression': {
      const index = childrenAt(parent, 'arguments').indexOf(node)
      return [{ ...shared, form: 'arguments', holder: spanOf(childAt(parent, 'callee')!), index }]
    }
    case 'JSXOpeningElement':
      return [{ ...shared, form: 'attributes', holder: spanOf(childAt(parent, 'name')!), index: 0 }]
    default:
      return []
  }
}
