/**
 * What syntax says about values that are written in a file: fields of literals, constants at the top.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'

/** A value without parentheses, assertions and `await` around it. */
export const unwrapped = (node: SyntaxNode | undefined): SyntaxNode | undefined =>
  node &&
  /^(ParenthesizedExpression|TSAsExpression|TSSatisfiesExpression|TSNonNullExpression|AwaitExpression)$/.test(node.type)
    ? unwrapped(childAt(node, 'expression') ?? childAt(node, 'argument'))
    : node

/** What a literal gives to a key. */
export const propertyOf = (object: SyntaxNode | undefined, key: string): SyntaxNode | undefined => {
  const property = childrenAt(unwrapped(object), 'properties').find((one) => nameOf(childAt(one, 'key')) === key)
  return childAt(property, 'value')
}

/** What the top of the file binds to the name, when nothing can bind it anew. */
export const valueAtTop = (name: string, program: SyntaxNode): SyntaxNode | undefined => {
  const known = boundIn.get(program) ?? bindingsOf(program)
  boundIn.set(program, known)
  return known.get(name)
}

/** Each call of a file asks: its top is read once. */
const boundIn = new WeakMap<SyntaxNode, ReadonlyMap<string, SyntaxNode | undefined>>()

function bindingsOf(program: SyntaxNode): ReadonlyMap<string, SyntaxNode | undefined> {
  const bound = new Map<string, SyntaxNode | undefined>()
  const add = (id: SyntaxNode | undefined, value: SyntaxNode | undefined): void => {
    const name = nameOf(id)
    if (name !== undefined && !bound.has(name)) bound.set(name, value)
  }
  for (const statement of childrenAt(program, 'body')) {
    const declaration = childAt(statement, 'declaration') ?? statement
    if (declaration.type === 'FunctionDeclaration') add(childAt(declaration, 'id'), declaration)
    if (declaration.type !== 'VariableDeclaration' || declaration['kind'] !== 'const') continue
    for (const one of childrenAt(declaration, 'declarations')) add(childAt(one, 'id'), unwrapped(childAt(one, 'init')))
  }
  return bound
}

/** The value itself, or what its name is bound to at the top. */
export const valueOf = (value: SyntaxNode | undefined, program: SyntaxNode): SyntaxNode | undefined => {
  const node = unwrapped(value)
  return node?.type === 'Identifier' ? (valueAtTop(nameOf(node)!, program) ?? node) : node
}

/** A text that stands in the code, or a member of a table of such texts. */
export const isConstant = (
  value: SyntaxNode,
  program: SyntaxNode,
  /** Constants on the way here: one may be bound to another in a circle. */
  seen: ReadonlySet<SyntaxNode> = new Set(),
): boolean => {
  const node = unwrapped(value)
  switch (node?.type) {
    case 'Literal':
      return true
    case 'TemplateLiteral':
      return childrenAt(node, 'expressions').every((one) => isConstant(one, program, seen))
    case 'BinaryExpression':
      return ['left', 'right'].every((side) => isConstant(childAt(node, side)!, program, seen))
    case 'ConditionalExpression':
      return ['consequent', 'alternate'].every((side) => isConstant(childAt(node, side)!, program, seen))
    case 'Identifier': {
      const bound = valueAtTop(nameOf(node)!, program)
      return bound !== undefined && !seen.has(bound) && isConstant(bound, program, new Set([...seen, bound]))
    }
    case 'MemberExpression':
      return /^[A-Z]/.test(nameOf(childAt(node, 'object')) ?? '') && node['computed'] !== true
    default:
      return false
  }
}

/** The names that a pattern binds. */
export const boundNames = (pattern: SyntaxNode | undefined): string[] => {
  if (pattern?.type === 'Identifier') return [nameOf(pattern)!]
  if (pattern?.type === 'AssignmentPattern') return boundNames(childAt(pattern, 'left'))
  if (pattern?.type === 'ObjectPattern')
    return childrenAt(pattern, 'properties').flatMap((one) =>
      boundNames(childAt(one, 'value') ?? childAt(one, 'argument')),
    )
  return pattern?.type === 'ArrayPattern' ? childrenAt(pattern, 'elements').flatMap(boundNames) : []
}
