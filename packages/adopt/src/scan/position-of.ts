/**
 * Where the value of an expression goes: climbs through parentheses, `??`, conditionals and arrays to what holds them.
 * The table is the docstring of FindingKind, in code.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { Placed } from './placed.ts'

/** The place without the nodes that it names: what holds a node holds all of the tree below it. */
export const withoutNodes = ({ anchor, callee, ...placed }: Placed): Placed => ({
  ...placed,
  anchor: spanOf(anchor),
  callee: callee && spanOf(callee),
})

/** @param ancestors parents of the node, the nearest last */
export const positionOf = (node: SyntaxNode, ancestors: readonly SyntaxNode[]): Placed => {
  let current = node
  for (let at = ancestors.length - 1; at >= 0; at--) {
    const parent = ancestors[at]!
    if (isPassage(current, parent)) {
      current = parent
      continue
    }
    return holderOf(current, parent, ancestors[at - 1])
  }
  return nowhere(node)
}

/** True when the parent's value is, or may be, the child's value. */
const isPassage = (child: SyntaxNode, parent: SyntaxNode): boolean => {
  switch (parent.type) {
    case 'ParenthesizedExpression':
    case 'ChainExpression':
    case 'AwaitExpression':
    case 'ArrayExpression':
    case 'TSNonNullExpression':
    case 'JSXExpressionContainer':
    case 'TSInstantiationExpression':
      return true
    case 'LogicalExpression':
      return parent['operator'] !== '&&' || parent['right'] === child
    case 'ConditionalExpression':
      return parent['test'] !== child
    case 'SequenceExpression':
      return childrenAt(parent, 'expressions').at(-1) === child
    case 'TSAsExpression':
    case 'TSTypeAssertion':
      return isConstAssertion(parent)
    case 'CallExpression':
      return (isFreeze(parent) || isUntypedResolve(parent)) && parent['callee'] !== child
    default:
      return false
  }
}

const holderOf = (child: SyntaxNode, parent: SyntaxNode, grandparent: SyntaxNode | undefined): Placed => {
  switch (parent.type) {
    case 'TSAsExpression':
    case 'TSTypeAssertion':
      return { position: 'cast', anchor: parent, callee: undefined }
    case 'TSSatisfiesExpression':
      return { position: 'satisfies', anchor: parent, callee: undefined }
    case 'VariableDeclarator':
      if (parent['init'] !== child) return nowhere(child)
      if (!childAt(childAt(parent, 'id'), 'typeAnnotation') && childAt(parent, 'id')?.type !== 'Identifier')
        return nowhere(child)
      return {
        position: childAt(childAt(parent, 'id'), 'typeAnnotation') ? 'annotation' : 'untyped',
        anchor: parent,
        callee: undefined,
      }
    case 'AssignmentExpression':
      if (parent['right'] !== child || !['=', '??=', '||=', '&&='].includes(String(parent['operator'])))
        return nowhere(child)
      return {
        position: childAt(parent, 'left')?.type === 'MemberExpression' ? 'property' : 'annotation',
        anchor: parent,
        callee: undefined,
      }
    case 'AssignmentPattern':
      return parent['right'] === child ? { position: 'default', anchor: parent, callee: undefined } : nowhere(child)
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return parent['value'] === child ? { position: 'property', anchor: parent, callee: undefined } : nowhere(child)
    case 'Property':
      return parent['value'] === child && grandparent?.type === 'ObjectExpression'
        ? { position: 'property', anchor: parent, callee: undefined }
        : nowhere(child)
    case 'JSXAttribute':
      return { position: 'property', anchor: parent, callee: undefined }
    case 'ReturnStatement':
    case 'YieldExpression':
      return { position: 'return', anchor: parent, callee: undefined }
    case 'ArrowFunctionExpression':
      return parent['body'] === child ? { position: 'return', anchor: child, callee: undefined } : nowhere(child)
    case 'ExportDefaultDeclaration':
      return { position: 'untyped', anchor: parent, callee: undefined }
    case 'CallExpression':
    case 'NewExpression':
      return parent['callee'] === child
        ? nowhere(child)
        : {
            position: 'argument',
            anchor: child,
            callee: childAt(parent, 'callee'),
            index: childrenAt(parent, 'arguments').indexOf(child),
          }
    case 'TemplateLiteral':
      // The tag is given the texts first, then each value.
      return grandparent?.type === 'TaggedTemplateExpression'
        ? {
            position: 'argument',
            anchor: child,
            callee: childAt(grandparent, 'tag'),
            index: childrenAt(parent, 'expressions').indexOf(child) + 1,
          }
        : nowhere(child)
    default:
      return nowhere(child)
  }
}

/** Where a value stands, by the language of its file: {@link positionOf} in TypeScript. */
export type PlacedIn = (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => Placed

/** In JavaScript a comment may give any variable a type. */
export const placedInScript: PlacedIn = (node, ancestors) => {
  const placed = positionOf(node, ancestors)
  return placed.position === 'untyped' ? { ...placed, position: 'annotation' } : placed
}

export const isConstAssertion = (node: SyntaxNode): boolean => {
  const type = childAt(node, 'typeAnnotation')
  return type?.type === 'TSTypeReference' && nameOf(childAt(type, 'typeName')) === 'const'
}

/** `Object.freeze(…)` gives back what it was given. */
export const isFreeze = (node: SyntaxNode): boolean => isStatic(node, 'Object', ['freeze', 'seal'])

/** With a type argument its parameter says what is expected, as that of any call. */
const isUntypedResolve = (node: SyntaxNode): boolean =>
  isStatic(node, 'Promise', ['resolve']) && childAt(node, 'typeArguments') === undefined

const isStatic = (node: SyntaxNode, holder: string, names: readonly string[]): boolean => {
  const callee = node.type === 'CallExpression' ? childAt(node, 'callee') : undefined
  return (
    callee?.type === 'MemberExpression' &&
    names.includes(nameOf(callee) ?? '') &&
    nameOf(childAt(callee, 'object')) === holder
  )
}

const nowhere = ({ start, end }: SyntaxNode): Placed => ({
  position: 'nowhere',
  anchor: { start, end },
  callee: undefined,
})
