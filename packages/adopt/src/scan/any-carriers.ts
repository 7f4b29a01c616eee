/**
 * Finds the types that are `any` or hold one: only their values can reach a context without a proof that a compiler
 * sees.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { Questions } from './questions.ts'
import { someOf } from './look-on.ts'
import { remembered } from './remembered.ts'

/** How deep a type is looked into, as in held-types.ts. */
const deepest = 3

export const anyCarriers = ({ project, view, held }: Questions): ((type: CheckedType, depth?: number) => boolean) => {
  const carries = (type: CheckedType, depth: number): boolean =>
    type.sort === 'any' ||
    (depth <= deepest && /object|union|intersection|parameter/.test(type.sort) && carriesInside(type, depth))
  const looked = (type: CheckedType, depth: number): boolean => {
    // A context that carries a value of any type is a context.
    if (view.kinOf(type) && type.sort !== 'union') return false
    if (type.sort === 'union') return someOf(project.membersOf(type), (part) => carries(part, depth))
    if (type.sort === 'parameter') {
      const constraint = project.constraintOf(type)
      return constraint !== undefined && carries(constraint, depth + 1)
    }
    const inside = (one: CheckedType): boolean => carries(one, depth + 1)
    const givesAny = ({ returns }: { readonly returns: CheckedType | undefined }): boolean =>
      returns !== undefined && inside(returns)
    const contained = held.argumentsOf(type)
    if (contained.length > 0) return someOf(contained, inside)
    const indexed = (): readonly CheckedType[] =>
      held.callSignaturesOf(type).length === 0 ? project.indexTypesOf(type) : []
    /** Of the value itself: what it holds is asked where it is used. */
    const methods = (): readonly CheckedType[] =>
      depth === 0 && type.sort === 'object' && !held.isForeign(type)
        ? project.propertiesOf(type).flatMap((one) => (one.method && !one.hidden ? [one.type] : []))
        : []
    return someOf(
      [
        () => type.sort === 'object' && someOf(project.typeArgumentsOf(type), inside),
        () => someOf(methods(), (method) => method.sort === 'any' || someOf(held.callSignaturesOf(method), givesAny)),
        () => someOf(held.callSignaturesOf(type), givesAny),
        () => someOf(indexed(), inside),
        () => someOf(held.propertiesOf(type), (property) => inside(property.type)),
      ],
      (look) => look(),
    )
  }
  const carriesInside = remembered(false, looked)
  return (type, depth = 0) => carries(type, depth)
}
