/**
 * The names that a pattern binds.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawBinding, Span } from './file-facts.ts'

export const bindingsOf = (
  pattern: SyntaxNode | undefined,
  scope: Span,
  form: RawBinding['form'],
  value?: SyntaxNode,
): RawBinding[] => {
  switch (pattern?.type) {
    case 'Identifier':
      return [
        {
          name: nameOf(pattern)!,
          nameSpan: { start: pattern.start, end: pattern.start + nameOf(pattern)!.length },
          scope,
          form,
          value: value && spanOf(value),
          annotated: childAt(pattern, 'typeAnnotation') !== undefined,
        },
      ]
    case 'AssignmentPattern':
      return bindingsOf(childAt(pattern, 'left'), scope, form, value)
    case 'RestElement':
      return bindingsOf(childAt(pattern, 'argument'), scope, form, value)
    case 'TSParameterProperty':
      return bindingsOf(childAt(pattern, 'parameter'), scope, form, value)
    case 'ObjectPattern':
      return childrenAt(pattern, 'properties').flatMap((property) =>
        bindingsOf(property.type === 'RestElement' ? property : childAt(property, 'value'), scope, form, value),
      )
    case 'ArrayPattern':
      return childrenAt(pattern, 'elements').flatMap((element) => bindingsOf(element, scope, form, value))
    default:
      return []
  }
}
