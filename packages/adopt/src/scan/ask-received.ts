/**
 * Places that take a value without naming it: spreads, destructuring assignments, typed parameters of callbacks.
 */
import type { CheckedSignature, CheckedType, NodeSpan } from '../engine/checker.ts'
import { nearestBinding } from './any-origin.ts'
import { anySite } from './any-site.ts'
import type { RawSpread } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

const isAny = (part: CheckedType | undefined): boolean => part?.sort === 'any'

export const askSpreads = (questions: Questions): Site[] => {
  const { project, held, files } = questions
  const spreads = files.flatMap(({ file, spreads }) => spreads.map((spread) => ({ ...spread, file })))
  const sources = project.typesAt(spreads)
  const holders = spreads.map(({ file, holder }): NodeSpan => ({ file, ...holder }))
  const callees = project.typesAt(holders)
  const open = spreads.map(({ form }, at) => form === 'list' && sources[at] !== undefined)
  const lists = project.contextualTypes(holders.filter((_, at) => open[at]))
  return spreads.flatMap((spread, at): Site[] => {
    const source = sources[at]
    if (!source) return []
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
  const [signature] = signatures
  if (!signature) return undefined
  const { parameters, hasRest } = signature
  if (form === 'attributes') return parameters[0] && held.gapIn(source, parameters[0], isAny)
  const elements = source.sort === 'any' ? [source] : project.typeArgumentsOf(source)
  const isList = elements.length === 1
  for (const [at, parameter] of parameters.entries()) {
    if (at < index) continue
    const isRest = hasRest && at === parameters.length - 1
    const wanted = isRest ? project.typeArgumentsOf(parameter)[0] : parameter
    const element = isList ? elements[0] : elements[at - index]
    const gap = wanted && element ? held.gapIn(element, wanted, isAny) : undefined
    if (gap) return gap
  }
  return undefined
}

/** Destructuring assignments, and parameters that give a type to what a callback receives. */
export const askReceived = (questions: Questions): Site[] => [...askUnpackings(questions), ...askAnnotations(questions)]

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

const askAnnotations = (questions: Questions): Site[] => {
  const { project, held, files } = questions
  const annotations = files.flatMap(({ file, annotations }) => annotations.map((one) => ({ ...one, file })))
  const types = project.typesAt(annotations.map(({ file, annotation }) => ({ file, ...annotation })))
  const suspects = annotations.flatMap((one, at) => (held.demandedBy(types[at]) ? [{ one, target: types[at]! }] : []))
  const expected = project.contextualTypes(suspects.map(({ one: { file, holder } }) => ({ file, ...holder })))
  return suspects.flatMap(({ one, target }, at) => {
    const wanted = expected[at]
    const parts = wanted ? project.membersOf(wanted) : []
    const [signature] = parts.flatMap((part) => held.signaturesOf(part))
    if (!signature) return []
    const { parameters, hasRest } = signature
    const isRest = hasRest && one.index >= parameters.length - 1
    const list = parameters.at(-1)
    const given = isRest
      ? list && list.sort !== 'any'
        ? project.typeArgumentsOf(list)[0]
        : list
      : parameters[one.index]
    const gap = given && held.gapIn(given, target, isAny)
    return gap ? [anySite(one, gap.raw.name, questions)] : []
  })
}
