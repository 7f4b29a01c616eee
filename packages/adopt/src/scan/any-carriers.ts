/**
 * Finds the types that are `any` or hold one: only their values can reach a context without a proof that a compiler
 * sees.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { Questions } from './questions.ts'

/** How deep a type is looked into, as in held-types.ts. */
const deepest = 3

export const anyCarriers = ({ project, view, held }: Questions): ((type: CheckedType, depth?: number) => boolean) => {
  const answers = new Map<string, boolean>()
  const carries = (type: CheckedType, depth: number): boolean => {
    if (type.sort === 'any') return true
    if (depth > deepest || !/object|union|intersection|parameter/.test(type.sort)) return false
    const key = `${type.id}:${depth}`
    if (!answers.has(key)) {
      answers.set(key, false) // a type that contains itself ends here
      answers.set(key, looked(type, depth))
    }
    return answers.get(key)!
  }
  const looked = (type: CheckedType, depth: number): boolean => {
    // A context that carries a value of any type is a context.
    if (view.kinOf(type) && type.sort !== 'union') return false
    if (type.sort === 'union') return project.membersOf(type).some((part) => carries(part, depth))
    if (type.sort === 'parameter') {
      const constraint = project.constraintOf(type)
      return constraint !== undefined && carries(constraint, depth + 1)
    }
    const inner = depth + 1
    const contained = held.argumentsOf(type)
    if (contained.length > 0) return contained.some((one) => carries(one, inner))
    const signatures = held.callSignaturesOf(type)
    return (
      (type.sort === 'object' && project.typeArgumentsOf(type).some((one) => carries(one, inner))) ||
      signatures.some(({ returns }) => returns !== undefined && carries(returns, inner)) ||
      (signatures.length === 0 && project.indexTypesOf(type).some((one) => carries(one, inner))) ||
      held.propertiesOf(type).some((property) => carries(property.type, inner))
    )
  }
  return (type, depth = 0) => carries(type, depth)
}
