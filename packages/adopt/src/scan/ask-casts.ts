/**
 * Asks which assertions make a context out of another value: the type itself, a type that holds it, or a function of
 * it.
 */
import type { CheckedSignature, CheckedType } from '../engine/checker.ts'
import type { FindingKind } from '../finding.ts'
import { askAhead } from './ask-ahead.ts'
import type { RawCast } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { accepts, findInOverloads } from './signature-places.ts'
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
  const wholes = project.typesAt(casts.map(({ file, annotation }) => ({ file, ...annotation })))
  askAhead(project, leafTypes, view.kinOf)
  askAhead(project, wholes, questions.held.heldBy)
  const targets = new Map<Cast, CheckedType>()
  leaves.forEach(({ cast }, at) => {
    const type = leafTypes[at]
    if (type && view.kinOf(type) && !targets.has(cast)) targets.set(cast, type)
  })
  casts.forEach((cast, at) => {
    // `Awaited<ReturnType<typeof make>>` is the type only as a whole.
    if (wholes[at] && view.kinOf(wholes[at]) && !targets.has(cast)) targets.set(cast, wholes[at])
  })
  const suspects = casts.filter(
    (cast, at) =>
      targets.has(cast) ||
      questions.held.heldBy(wholes[at]) !== undefined ||
      isFunctionCast(cast) ||
      isObjectCast(cast),
  )
  const whole = new Map(casts.map((cast, at) => [cast, wholes[at]]))
  const operands = project.typesAt(suspects.map(({ file, operand }) => ({ file, ...operand })))
  const origins = originsOf(suspects, operands, questions)
  return suspects.flatMap((cast, at) => {
    const asserted = whole.get(cast)
    const isHolder = questions.held.heldBy(asserted) !== undefined && !view.kinOf(asserted)
    const found =
      // What holds contexts is compared part by part with what the value holds.
      (isHolder ? undefined : castToMember(cast, targets.get(cast), asserted, operands[at], questions)) ??
      castToHolder(cast, asserted, operands[at], questions) ??
      castOfFunction(cast, whole.get(cast), origins[at], questions) ??
      castOfObject(cast, whole.get(cast), origins[at], questions)
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

const isFunctionCast = ({ form, use, leaves }: RawCast): boolean =>
  form === 'function' ||
  (form === 'any' && use !== 'opened') ||
  // What a `Function` is called with where it stands is asked of the call.
  (leaves.length === 1 && leaves[0]!.name === 'Function' && use === 'other')

const castToMember = (
  cast: RawCast,
  target: CheckedType | undefined,
  whole: CheckedType | undefined,
  source: CheckedType | undefined,
  questions: Questions,
): Found | undefined => {
  const member = target && questions.view.kinOf(target)
  if (!target || !member || (source && isAbsent(source, whole, questions))) return undefined
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
  cast: Cast,
  target: CheckedType | undefined,
  source: CheckedType | undefined,
  { held, view, textOf }: Questions,
): Found | undefined => {
  const member = held.heldBy(target)
  if (!target || !member || view.kinOf(target)) return undefined
  if (cast.isDouble) return { kind: 'cast-double', member }
  if (!source) return undefined
  const isEmpty = emptyObject.test(textOf(cast.file).slice(cast.operand.start, cast.operand.end))
  if (isEmpty && !held.propertiesOf(target).some(({ type }) => held.heldBy(type))) return undefined
  const gap = held.gapIn(source, target, (part) => part === undefined || (!isNothing(part) && !view.kinOf(part)))
  return gap && { kind: 'cast', member: gap }
}

/** An object without any field, which a type by keys describes. */
const emptyObject = /^Object\s*\.\s*create\s*\(\s*null\s*\)$/

/** `null` asserted to be a context or null. */
const isAbsent = (source: CheckedType, whole: CheckedType | undefined, { project }: Questions): boolean =>
  source.sort === 'nullish' && whole !== undefined && project.membersOf(whole).some(({ id }) => id === source.id)

const isNothing = ({ sort }: CheckedType): boolean => sort === 'nullish' || sort === 'never'

/** A function that takes a context, asserted to take anything. */
const castOfFunction = (
  cast: RawCast,
  target: CheckedType | undefined,
  source: CheckedType | undefined,
  questions: Questions,
): Found | undefined => {
  const { held } = questions
  if (!isFunctionCast(cast) || !source || !target) return undefined
  const member = lostParameter(held.signaturesOf(source), held.signaturesOf(target), questions)
  return member && { kind: cast.isDouble ? 'cast-double' : 'cast', member }
}

/** A type that is written for the assertion, or one that needs two of them: it says what the value is not. */
const isObjectCast = ({ form, isDouble }: RawCast): boolean => form === 'object' || (form === 'other' && isDouble)

/** Types beneath the inner of two assertions, asked where there are two. */
const originsOf = (
  casts: readonly Cast[],
  operands: readonly (CheckedType | undefined)[],
  { project }: Questions,
): (CheckedType | undefined)[] => {
  const doubles = casts.filter((cast) => (isObjectCast(cast) || isFunctionCast(cast)) && cast.isDouble)
  const types = project.typesAt(doubles.map(({ file, origin }) => ({ file, ...origin })))
  const byCast = new Map(doubles.map((cast, at) => [cast, types[at]]))
  return casts.map((cast, at) => (byCast.has(cast) ? byCast.get(cast) : operands[at]))
}

/** An object with a method that takes a context, asserted to have one that takes anything under the same name. */
const castOfObject = (
  cast: RawCast,
  target: CheckedType | undefined,
  source: CheckedType | undefined,
  questions: Questions,
): Found | undefined => {
  const { project, held } = questions
  // The methods of a list are those of the library, whatever it holds.
  if (!source || !target || target.sort !== 'object' || held.argumentsOf(target).length > 0) return undefined
  const own = new Map(project.propertiesOf(source).map(({ name, type }) => [name, type]))
  for (const { name, type } of project.propertiesOf(target)) {
    // A list of anything is how mocks are typed: what a call gives it is asked of the call.
    const taken = own.has(name) ? held.callSignaturesOf(type).filter(({ hasRest }) => !hasRest) : []
    if (taken.length === 0) continue
    const member = lostParameter(held.callSignaturesOf(own.get(name)!), taken, questions)
    if (member) return { kind: cast.isDouble ? 'cast-double' : 'cast', member }
  }
  return undefined
}

/** The context that a function takes, and takes no longer under the other type. */
const lostParameter = (
  given: readonly CheckedSignature[],
  taken: readonly CheckedSignature[],
  { project, held }: Questions,
): KnownDefinition | undefined => {
  const lossIn = (own: CheckedSignature, other: CheckedSignature | undefined): KnownDefinition | undefined =>
    own.parameters
      .map((parameter, at) => (held.heldBy(other?.parameters[at]) ? undefined : held.heldBy(parameter)))
      .find((member) => member !== undefined)
  // What is asserted to `any` has no signature, and takes everything.
  for (const other of taken.length > 0 ? taken : [undefined]) {
    const lost = findInOverloads(
      given,
      (own) => lossIn(own, other),
      (own) => other === undefined || accepts(own, other.parameters, project),
    )
    if (lost) return lost
  }
  return undefined
}
