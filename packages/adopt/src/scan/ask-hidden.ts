/**
 * Asks which errors that a comment hides are about a context: `// @ts-ignore` above `run(body)`. Nothing else tells of
 * them, the compiler is silent.
 */
import type { CheckedType, NodeSpan } from '../engine/checker.ts'
import { askAhead } from './ask-ahead.ts'
import type { RawHidden } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { isContext } from './sealed-inside.ts'
import { findInOverloads } from './signature-places.ts'
import { placeIn, type Site } from './site.ts'

type Hidden = RawHidden & { readonly file: string }

/** @param known sites that were found already: one that has the value in it, or is in it, tells of the same */
export const askHidden = (questions: Questions, known: readonly Site[]): Site[] => {
  const hidden = questions.files.flatMap(({ file, hidden }) => hidden.map((one): Hidden => ({ ...one, file })))
  if (hidden.length === 0) return []
  const found = [...askValues(hidden, questions), ...askWrites(hidden, questions), ...askCalls(hidden, questions)]
  const kept: Site[] = []
  // The innermost value first: a function is shown by what it gives.
  for (const site of found.toSorted((a, b) => a.end - a.start - (b.end - b.start)))
    if (![...known, ...kept].some((other) => isSame(site, other))) kept.push(site)
  return kept
}

const isSame = (one: NodeSpan, other: NodeSpan): boolean =>
  one.file === other.file && one.start < other.end && other.start < one.end

const toSite = (one: Hidden, { raw }: KnownDefinition, kind: Site['kind'] = 'suppressed-error'): Site => ({
  ...placeIn(one, one.file),
  kind,
  type: raw.name,
  enclosing: one.enclosing,
  reportedAt: [],
})

const askValues = (hidden: readonly Hidden[], questions: Questions): Site[] => {
  const { project, held } = questions
  const values = hidden.filter(({ form }) => form === 'value')
  const expected = project.contextualTypes(values)
  askAhead(project, expected, held.heldBy)
  const suspects = values.flatMap((value, at) => (held.heldBy(expected[at]) ? [{ value, wanted: expected[at]! }] : []))
  const types = project.typesAt(suspects.map(({ value }) => value))
  return suspects.flatMap(({ value, wanted }, at): Site[] => {
    const member = types[at] && gapOf(types[at], wanted, questions)
    return member ? [toSite(value, member)] : []
  })
}

const gapOf = (type: CheckedType, wanted: CheckedType, questions: Questions): KnownDefinition | undefined => {
  const { held, project } = questions
  if (type.sort === 'nullish') return takesNothing(wanted, questions) ? undefined : held.demandedBy(wanted)
  return held.gapIn(ownOf(type, project), wanted, (part) => part === undefined || !isContext(part, questions))
}

const takesNothing = (type: CheckedType, { project }: Questions): boolean =>
  project.membersOf(ownOf(type, project)).some(({ sort }) => sort === 'nullish')

/** What a type parameter stands for, as far as it is known. */
const ownOf = (type: CheckedType, { constraintOf }: Questions['project']): CheckedType => constraintOf(type) ?? type

/** A field that its type keeps from being written, and one that it does not have. */
const askWrites = (hidden: readonly Hidden[], { project, view }: Questions): Site[] => {
  const writes = hidden.filter((one) => one.form === 'write')
  const objects = project.typesAt(writes.map(({ file, object }) => ({ file, ...object })))
  return writes.flatMap((write, at): Site[] => {
    const member = view.kinOf(objects[at])
    const field = member && project.propertiesOf(objects[at]!).find(({ name }) => name === write.name)
    const isRefused = !field || field.readonly || (write.isGone && !field.optional)
    return member && isRefused ? [toSite(write, member, 'context-write')] : []
  })
}

/** A call that leaves the context out. */
const askCalls = (hidden: readonly Hidden[], questions: Questions): Site[] => {
  const { project, held } = questions
  const calls = hidden.filter((one) => one.form === 'call')
  const callees = project.typesAt(calls.map(({ file, callee }) => ({ file, ...callee })))
  return calls.flatMap((call, at): Site[] => {
    const member = findInOverloads(
      callees[at] ? held.signaturesOf(callees[at]) : [],
      ({ parameters, requiredCount }) =>
        parameters
          .slice(call.given, requiredCount)
          .filter((parameter) => !takesNothing(parameter, questions))
          .map(held.demandedBy)
          .find((one) => one !== undefined),
      ({ parameters }) => parameters.length >= call.given,
    )
    return member ? [toSite(call, member)] : []
  })
}
