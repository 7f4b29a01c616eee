/**
 * Methods that may narrow what they implement or override.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawMethod } from './file-facts.ts'

/** The typed parameters of the methods of a class that extends or implements something. */
export const methodsOf = (node: SyntaxNode, enclosing: string): RawMethod[] => {
  const id = childAt(node, 'id')
  const implemented = childrenAt(node, 'implements').map(spanOf)
  if (!id || (implemented.length === 0 && !childAt(node, 'superClass'))) return []
  return childrenAt(childAt(node, 'body'), 'body').flatMap((member): RawMethod[] => {
    const name = nameOf(childAt(member, 'key'))
    const value = childAt(member, 'value')
    const isMethod = /^MethodDefinition$|^PropertyDefinition$/.test(member.type) && member['kind'] !== 'constructor'
    if (!isMethod || name === undefined || member['static'] === true || !/Function/.test(value?.type ?? '')) return []
    return childrenAt(value, 'params').flatMap((parameter): RawMethod[] => {
      const annotation = childAt(childAt(parameter, 'typeAnnotation'), 'typeAnnotation')
      if (!annotation || parameter.type === 'RestElement') return []
      const shared = { name, annotation: spanOf(annotation), className: spanOf(id), implemented }
      return [{ ...spanOf(parameter), ...shared, enclosing: `${enclosing}.${name}` }]
    })
  })
}
