/**
 * Places that take a value without naming it: spreads, destructuring assignments, typed parameters of callbacks.
 */
import type { CheckedSignature, CheckedType, NodeSpan } from '../engine/checker.ts'
import { nearestBinding } from './any-origin.ts'
import { anySite } from './any-site.ts'
import { askAhead } from './ask-ahead.ts'
import type { DemandingAnnotation } from './ask-annotations.ts'
import type { RawSpread } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { findInOverloads, parameterAt } from './signature-places.ts'
import type { Site } from './site.ts'

const isAny = (part: CheckedType | undefined): boolean => part?.sort === 'any'
/** `unknown` reaches a parameter where TypeScript compares methods both ways. */
const isUntyped = (part: CheckedType | undefined): boolean => isAny(part) || part?.sort === 'unknown'

/** @param carriesAny whether a type is `any` or holds one: the place of another is not asked about */
export const askSpreads = (questions: Questions, carriesAny: (type: CheckedType) => boolean): Site[] => {
  const { project, held, files } = questions
  const spreads = files.flatMap(({ file, spreads }) => spreads.map((spread) => ({ ...spread, file })))
  const sources = project.typesAt(spreads)
  const holders = spreads.map(({ file, holder }): NodeSpan => ({ file, ...holder }))
  const callees = project.typesAt(holders)
  const open = spreads.map(({ form }, at) => form === 'list' && sources[at] !== undefined && carriesAny(sources[at]))
  const lists = project.contextualTypes(holders.filter((_, at) => open[at]))
  const called = callees.filter((_, at) => spreads[at]!.form !== 'list')
  askAhead(project, called, held.signaturesOf)
  return spreads.flatMap((spread, at): Site[] => {
    const source = sources[at]
    if (!source || (spread.form === 'list' && !open[at])) return []
    const member =
      spread.form === 'list'
        ? gapInList(source, lists[open.slice(0, at).filter(Boolean).length], questions)
        : gapInParameters(spread, source, callees[at] ? held.signaturesOf(callees[at]) : [], questions)
    return member ? [anySite(spread, member.raw.name, questions)] : []
  })
}

const gapInList = (
  source: CheckedType,
  list: CheckedType | undefined,
  { held }: Questions,
): KnownDefinition | undefined => (list ? held.gapIn(source, list, isAny) : undefined)

const gapInParameters = (
  { form, index }: RawSpread,
  source: CheckedType,
  signatures: readonly CheckedSignature[],
  { project, held }: Questions,
): KnownDefinition | undefined => {
  if (form === 'attributes')
    return findInOverloads(
      signatures,
      ({ parameters }) => parameters[0] && held.gapIn(source, parameters[0], isAny),
      ({ parameters }) => parameters[0] !== undefined && project.isAssignable(source, parameters[0]),
    )
  const elements = source.sort === 'any' ? [source] : project.typeArgumentsOf(source)
  // A list has elements of one type, however many there are.
  const isList = source.sort === 'any' || project.symbolOf(source) !== undefined
  const placesOf = (one: CheckedSignature): number[] => {
    const { length } = one.parameters
    const end = isList || one.hasRest ? Math.max(length, index + 1) : Math.min(length, index + elements.length)
    return Array.from({ length: Math.max(0, end - index) }, (_, at) => index + at)
  }
  const pairsOf = (one: CheckedSignature): (readonly [CheckedType, CheckedType])[] =>
    placesOf(one).flatMap((at) => {
      const [element, wanted] = [isList ? elements[0] : elements[at - index], parameterAt(one, at, project)]
      return element && wanted ? [[element, wanted] as const] : []
    })
  const fitting = signatures.filter(
    ({ parameters, hasRest }) => isList || hasRest || parameters.length >= index + elements.length,
  )
  const exact = fitting.filter(({ parameters }) => !isList && parameters.length === index + elements.length)
  return findInOverloads(
    exact.length > 0 ? exact : fitting,
    (one) => {
      for (const [element, wanted] of pairsOf(one)) {
        const gap = held.gapIn(element, wanted, isAny)
        if (gap) return gap
      }
      return undefined
    },
    (one) => pairsOf(one).every(([element, wanted]) => element.sort === 'any' || project.isAssignable(element, wanted)),
  )
}

/** Destructuring assignments, and parameters that give a type to what a callback receives. */
export const askReceived = (annotations: readonly DemandingAnnotation[], questions: Questions): Site[] => [
  ...askUnpackings(questions),
  ...askCallbackParameters(annotations, questions),
]

const askUnpackings = (questions: Questions): Site[] => {
  const { project, held, files } = questions
  const unpackings = files.flatMap(({ file, unpackings }) => unpackings.map((one) => ({ ...one, file })))
  // At the target itself the compiler gives the type of the value, so the declaration is asked.
  const places = unpackings.map(({ file, target }): NodeSpan => {
    const facts = questions.factsOf(file)
    const binding = facts && target.name && nearestBinding(facts.bindings, target.name, target)
    return { file, ...(target.object ?? (binding ? binding.nameSpan : target)) }
  })
  const found = project.typesAt(places)
  const targets = unpackings.map(({ target: { name, object } }, at) =>
    object && found[at] ? project.propertiesOf(found[at]).find((property) => property.name === name)?.type : found[at],
  )
  const suspects = unpackings.flatMap((one, at) =>
    held.demandedBy(targets[at]) ? [{ one, target: targets[at]! }] : [],
  )
  const sources = project.typesAt(suspects.map(({ one }) => one))
  return suspects.flatMap(({ one, target }, at) => {
    let source = sources[at]
    for (const key of one.path) {
      if (!source || source.sort === 'any') break
      source =
        project.propertiesOf(source).find(({ name }) => name === key)?.type ??
        (/^\d+$/.test(key) ? project.typeArgumentsOf(source)[0] : undefined)
    }
    const gap = source && held.gapIn(source, target, isAny)
    return gap ? [anySite(one, gap.raw.name, questions)] : []
  })
}

const askCallbackParameters = (annotations: readonly DemandingAnnotation[], questions: Questions): Site[] => {
  const { project, held } = questions
  return annotations.flatMap((one) => {
    const parts = one.expected ? project.membersOf(one.expected) : []
    const places = parts.flatMap((part) =>
      one.member === undefined
        ? [part]
        : project.propertiesOf(part).flatMap(({ name, type }) => (name === one.member ? project.membersOf(type) : [])),
    )
    const gap = places
      .flatMap((part) => held.signaturesOf(part))
      .map((signature) => parameterAt(signature, one.index, project))
      .map((given) => given && held.gapIn(given, one.target, isUntyped))
      .find((member) => member !== undefined)
    return gap ? [anySite(one, gap.raw.name, questions)] : []
  })
}
