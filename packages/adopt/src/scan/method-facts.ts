/**
 * Methods that may narrow what they implement or override.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawClass, RawMethod } from './raw-class.ts'

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

/** Undefined for a class that nobody can make by its name, and for one that extends nothing with type arguments. */
export const baseOf = (node: SyntaxNode): RawClass['base'] => {
  const [id, callee] = [childAt(node, 'id'), childAt(node, 'superClass')]
  if (!id || !callee || !childAt(node, 'superTypeArguments') || node['abstract'] === true) return undefined
  const members = childrenAt(childAt(node, 'body'), 'body').flatMap((member) => nameOf(childAt(member, 'key')) ?? [])
  return { own: spanOf(id), callee: spanOf(callee), members }
}
