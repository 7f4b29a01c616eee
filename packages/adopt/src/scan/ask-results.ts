/**
 * Asks which object whose methods give an `any` is used as one whose methods give a context: `Repo<any>` as
 * `Repo<Ctx>`. Whoever calls it there gets a context that nobody made.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { KnownDefinition } from './known-definition.ts'
import { firstOf, someOf } from './look-on.ts'
import type { Questions } from './questions.ts'

const isAny = (part: CheckedType | undefined): boolean => part?.sort === 'any'

/** Only types that are given the context as an argument are looked into: what others promise, their makers show. */
export const gapInResults = (
  source: CheckedType,
  target: CheckedType,
  { project, held }: Pick<Questions, 'project' | 'held'>,
): KnownDefinition | undefined => {
  const parts = project.membersOf(target).filter(({ sort }) => sort !== 'nullish')
  const [wanted] = parts
  if (parts.length !== 1 || wanted?.sort !== 'object' || source.sort !== 'object' || source.id === wanted.id)
    return undefined
  // What lists and promises hold is compared by itself.
  if (held.argumentsOf(wanted).length > 0) return undefined
  if (!someOf(project.typeArgumentsOf(wanted), (one) => held.heldBy(one) !== undefined)) return undefined
  const own = new Map(project.propertiesOf(source).map(({ name, type }) => [name, type]))
  return firstOf(project.propertiesOf(wanted), ({ name, type }) => {
    const given = own.get(name)
    return given && given.id !== type.id ? gapInCalls(given, type, held) : undefined
  })
}

const gapInCalls = (given: CheckedType, wanted: CheckedType, held: Questions['held']): KnownDefinition | undefined => {
  const made = held.callSignaturesOf(given).at(-1)?.returns
  return firstOf(held.callSignaturesOf(wanted), ({ returns }) =>
    made && returns ? held.gapIn(made, returns, isAny) : undefined,
  )
}
