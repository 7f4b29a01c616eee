/**
 * Which parameter a value goes to: rest parameters opened, and of several signatures the one that is meant.
 */
import type { CheckedSignature, CheckedType, CheckerProject } from '../engine/checker.ts'

type Asks = Pick<CheckerProject, 'typeArgumentsOf' | 'isAssignable'>

/** The type that an argument is compared with. Of a rest parameter that is what its list holds. */
export const parameterAt = (
  { parameters, hasRest }: CheckedSignature,
  at: number,
  { typeArgumentsOf }: Pick<Asks, 'typeArgumentsOf'>,
): CheckedType | undefined => {
  const list = hasRest && at >= parameters.length - 1 ? parameters.at(-1) : undefined
  if (!list || list.sort === 'any') return list ?? parameters[at]
  const elements = typeArgumentsOf(list)
  return elements[elements.length === 1 ? 0 : at - parameters.length + 1]
}

/** The signatures that so many arguments can be meant for: those that take just as many, where there are any. */
export const signaturesFor = (signatures: readonly CheckedSignature[], count: number): readonly CheckedSignature[] => {
  const exact = signatures.filter(({ parameters, hasRest }) => !hasRest && parameters.length === count)
  return exact.length > 0
    ? exact
    : signatures.filter(({ parameters, hasRest }) => hasRest || parameters.length >= count)
}

/** Whether a call with values of these types is one of the signature. An `any` is a value of every type. */
export const accepts = (
  signature: CheckedSignature,
  values: readonly (CheckedType | undefined)[],
  project: Asks,
): boolean =>
  values.every((value, at) => {
    const wanted = value && parameterAt(signature, at, project)
    return !wanted || value.sort === 'any' || value.id === wanted.id || project.isAssignable(value, wanted)
  })

/**
 * What is found in one of several signatures, unless another of them, where nothing is found, is the one that is
 * meant.
 */
export const findInOverloads = <Found>(
  signatures: readonly CheckedSignature[],
  find: (signature: CheckedSignature) => Found | undefined,
  isMeant: (signature: CheckedSignature) => boolean,
): Found | undefined => {
  const answers = signatures.map((signature) => ({ signature, found: find(signature) }))
  const first = answers.find(({ found }) => found !== undefined)?.found
  if (first === undefined) return undefined
  return answers.some(({ signature, found }) => found === undefined && isMeant(signature)) ? undefined : first
}
