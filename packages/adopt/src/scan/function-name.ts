/**
 * The name of a function or class: its own, or that of the variable, property or field that holds it.
 */
import { childAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'

export const functionName = (node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined => {
  if (parent?.type === 'MethodDefinition' || parent?.type === 'TSAbstractMethodDefinition')
    return nameOf(childAt(parent, 'key'))
  return nameOf(childAt(node, 'id')) ?? nameOfHolder(parent)
}

/** The variable, property or field that a function or class expression is bound to. */
export const nameOfHolder = (parent: SyntaxNode | undefined): string | undefined => {
  if (parent?.type === 'VariableDeclarator') return nameOf(childAt(parent, 'id'))
  if (parent?.type === 'Property' || parent?.type === 'PropertyDefinition') return nameOf(childAt(parent, 'key'))
  return parent?.type === 'ExportDefaultDeclaration' ? 'default' : undefined
}

export const nameNodeOf = (node: SyntaxNode, parent: SyntaxNode | undefined): SyntaxNode | undefined =>
  childAt(node, 'id') ??
  (parent?.type === 'VariableDeclarator'
    ? childAt(parent, 'id')
    : parent?.type === 'ExportDefaultDeclaration'
      ? node
      : childAt(parent, 'key'))
