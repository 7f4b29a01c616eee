/**
 * Asks which assertions make a context out of another value: the type itself, a type that holds it, or a function of
 * it.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { FindingKind } from '../finding.ts'
import type { RawCast } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

type Cast = RawCast & { readonly file: string }

export const askCasts = (questions: Questions): Site[] => {
  const { project, view, files, count } = questions
  const casts = files.flatMap(({ file, casts }) => casts.map((cast): Cast => ({ ...cast, file })))
  const leaves = casts.flatMap((cast) =>
    cast.leaves.map((leaf) => ({ cast, file: cast.file, start: leaf.start, end: leaf.end })),
  )
  const leafTypes = project.typesAt(leaves)
  count(leaves, leafTypes)
  const targets = new Map<Cast, CheckedType>()
  leaves.forEach(({ cast }, at) => {
    const type = leafTypes[at]
    if (type && view.kinOf(type) && !targets.has(cast)) targets.set(cast, type)
  })
  const wholes = project.typesAt(casts.map(({ file, annotation }) => ({ file, ...annotation })))
  casts.forEach((cast, at) => {
    // `Awaited<ReturnType<typeof make>>` is the type only as a whole.
    if (wholes[at] && view.kinOf(wholes[at]) && !targets.has(cast)) targets.set(cast, wholes[at])
  })
  const suspects = casts.filter(
    (cast, at) => targets.has(cast) || questions.held.heldBy(wholes[at]) !== undefined || isFunctionCast(cast),
  )
  const whole = new Map(casts.map((cast, at) => [cast, wholes[at]]))
  const operands = project.typesAt(suspects.map(({ file, operand }) => ({ file, ...operand })))
  return suspects.flatMap((cast, at) => {
    const found =
      castToMember(cast, targets.get(cast), operands[at], questions) ??
      castToHolder(cast, whole.get(cast), operands[at], questions) ??
      castOfFunction(cast, whole.get(cast), operands[at], questions)
    return found
      ? [
          {
            ...placeIn(cast, cast.file),
            kind: found.kind,
            type: found.member.raw.name,
            enclosing: cast.enclosing,
            reportedAt: [],
          },
        ]
      : []
  })
}

type Found = { readonly kind: FindingKind; readonly member: KnownDefinition }

const isFunctionCast = ({ form, isCalled }: RawCast): boolean => form === 'function' || (form === 'any' && isCalled)

const castToMember = (
  cast: RawCast,
  target: CheckedType | undefined,
  source: CheckedType | undefined,
  questions: Questions,
): Found | undefined => {
  const member = target && questions.view.kinOf(target)
  if (!target || !member) return undefined
  const kind = kindOfCast(cast, target, source, questions)
  return kind && { kind, member }
}

/** Undefined for a value that already is the type or comes from it. */
const kindOfCast = (
  cast: RawCast,
  target: CheckedType,
  source: CheckedType | undefined,
  { project, view }: Questions,
): FindingKind | undefined => {
  if (cast.isDouble) return 'cast-double'
  if (!source || source.sort === 'any' || source.sort === 'error') return 'cast'
  const member = view.memberOf(target)
  const own = member ? view.typeOf(member) : target
  if (!own) return 'cast'
  const parts = project.membersOf(source).filter(({ sort }) => sort !== 'nullish')
  const lineages = parts.map((part) => view.lineage(part))
  if (parts.length > 0 && source.sort !== 'intersection' && lineages.every((lineage) => lineage.has(own.id)))
    return undefined
  if (source.sort === 'intersection' && lineages.some((lineage) => lineage.has(own.id))) return undefined
  const ancestry = view.lineage(own)
  const related = lineages.some((lineage) => [...lineage].some((id) => ancestry.has(id)))
  return related ? 'cast-downcast' : 'cast'
}

const castToHolder = (
  cast: RawCast,
  target: CheckedType | undefined,
  source: CheckedType | undefined,
  { held, view }: Questions,
): Found | undefined => {
  const member = held.heldBy(target)
  if (!target || !member || view.kinOf(target)) return undefined
  if (cast.isDouble) return { kind: 'cast-double', member }
  if (!source) return undefined
  const gap = held.gapIn(source, target, (part) => part === undefined || (!isNothing(part) && !view.kinOf(part)))
  return gap && { kind: 'cast', member: gap }
}

const isNothing = ({ sort }: CheckedType): boolean => sort === 'nullish' || sort === 'never'

/** A function that takes a context, asserted to take anything, and called so. */
const castOfFunction = (
  cast: RawCast,
  target: CheckedType | undefined,
  source: CheckedType | undefined,
  { held }: Questions,
): Found | undefined => {
  if (!isFunctionCast(cast) || !source || !target) return undefined
  const [given] = held.signaturesOf(source)
  const at = given?.parameters.findIndex((parameter) => held.heldBy(parameter) !== undefined) ?? -1
  if (!given || at === -1) return undefined
  const taken = held.signaturesOf(target)[0]?.parameters[at]
  const member = held.heldBy(given.parameters[at])!
  return held.heldBy(taken) ? undefined : { kind: 'cast', member }
}
