/**
 * The values of a file that may be a context: casts, object literals, and expressions that go somewhere.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { openedByCast, spanOf, typeLeaves } from './collect-definition.ts'
import type { RawCast, RawFlow, RawLiteral } from './file-facts.ts'
import { isConstAssertion, positionOf } from './position-of.ts'

/** Undefined for `as const`, and where no type of the annotation can be a context. */
export const toCast = (node: SyntaxNode, enclosing: string): RawCast | undefined => {
  if (isConstAssertion(node)) return undefined
  let operand = childAt(node, 'expression')!
  while (operand.type === 'ParenthesizedExpression') operand = childAt(operand, 'expression')!
  const inner =
    operand.type === 'TSAsExpression' || operand.type === 'TSTypeAssertion'
      ? (childAt(operand, 'typeAnnotation')?.type ?? '')
      : ''
  const leaves = typeLeaves(childAt(node, 'typeAnnotation'), openedByCast)
  if (leaves.length === 0) return undefined
  const isDouble = /^TS(Unknown|Any|Never)Keyword$/.test(inner)
  return { ...spanOf(node), leaves, operand: spanOf(operand), isDouble, enclosing }
}

export const toLiteral = (node: SyntaxNode, placed: RawLiteral['placed'], enclosing: string): RawLiteral => {
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
      : node
  return {
    start: site.start,
    end: site.end,
    keys,
    hasSpread: properties.some(({ type }) => type === 'SpreadElement'),
    placed,
    enclosing,
    node: spanOf(node),
  }
}

/** Undefined where no type expects the value. */
export const toFlow = (
  node: SyntaxNode,
  form: RawFlow['form'],
  ancestors: readonly SyntaxNode[],
  enclosing: () => string,
): RawFlow | undefined => {
  const placed = positionOf(node, ancestors)
  if (placed.position === 'nowhere' || placed.position === 'cast' || placed.position === 'untyped') return undefined
  return { ...spanOf(node), placed, enclosing: enclosing(), form }
}
