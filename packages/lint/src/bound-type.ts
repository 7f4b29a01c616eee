/**
 * The type that a name was given where it is declared, searched outwards from where it is used. Syntax only: what is
 * inferred has no type here.
 */
import { nodeAt, nodesAt, wordOf, type LintNode } from './rule.ts'

/** A declaration: its annotation, if it has one, and the value it begins with. */
export type Binding = {
  readonly annotation: LintNode | undefined
  readonly init: LintNode | undefined
  /** The property of that value, where it is taken apart: `const { key: name } = init`. */
  readonly key?: string | undefined
}

/** The nearest declaration of the name; undefined for one that is imported or declared nowhere here. */
export const findBinding = (from: LintNode, name: string): Binding | undefined => {
  for (let node = nodeAt(from, 'parent'); node !== undefined; node = nodeAt(node, 'parent')) {
    const parameter = nodesAt(node, 'params')
      .map(withoutDefault)
      .find((one) => bindsName(one, name))
    if (parameter) return toBinding(parameter, undefined, name)
    for (const statement of nodesAt(node, 'body')) {
      const declaration = nodeAt(statement, 'declaration') ?? statement
      const bound = nodesAt(declaration, 'declarations').find((one) => bindsName(nodeAt(one, 'id'), name))
      if (bound) return toBinding(nodeAt(bound, 'id')!, nodeAt(bound, 'init'), name)
    }
  }
  return undefined
}

/** An expression without parentheses, assertions and `!` around it. */
export const unwrapped = (node: LintNode | undefined): LintNode | undefined =>
  node !== undefined && wrappers.has(node.type) ? unwrapped(nodeAt(node, 'expression')) : node

const wrappers: ReadonlySet<string> = new Set([
  'ParenthesizedExpression',
  'ChainExpression',
  'TSAsExpression',
  'TSTypeAssertion',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
])

const withoutDefault = (parameter: LintNode): LintNode => {
  const inner = parameter.type === 'TSParameterProperty' ? (nodeAt(parameter, 'parameter') ?? parameter) : parameter
  return inner.type === 'AssignmentPattern' ? (nodeAt(inner, 'left') ?? inner) : inner
}

const toBinding = (declared: LintNode, init: LintNode | undefined, name: string): Binding => {
  if (declared.type === 'Identifier') return { annotation: nodeAt(declared, 'typeAnnotation'), init }
  const property = nodesAt(declared, 'properties').find((one) => bindsName(nodeAt(one, 'value'), name))
  return { annotation: undefined, init, key: wordOf(nodeAt(property, 'key')) ?? '' }
}

/** Whether a name or a pattern gives the name. */
export const bindsName = (pattern: LintNode | undefined, name: string): boolean => {
  switch (pattern?.type) {
    case 'Identifier':
      return wordOf(pattern) === name
    case 'AssignmentPattern':
      return bindsName(nodeAt(pattern, 'left'), name)
    case 'RestElement':
      return bindsName(nodeAt(pattern, 'argument'), name)
    case 'ArrayPattern':
      return nodesAt(pattern, 'elements').some((element) => bindsName(element, name))
    case 'ObjectPattern':
      return nodesAt(pattern, 'properties').some((one) =>
        bindsName(nodeAt(one, 'value') ?? nodeAt(one, 'argument'), name),
      )
    default:
      return false
  }
}
