/**
 * Asks which declarations promise a context that nothing made: type guards, `declare`, `!`, and generic calls whose
 * result no
 * argument vouches for.
 */
import type { CheckedSignature, CheckedType } from '../engine/checker.ts'
import type { FindingKind } from '../finding.ts'
import { askAhead } from './ask-ahead.ts'
import { askInventingClasses } from './ask-inventing-classes.ts'
import type { RawCall } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

export const askClaims = (questions: Questions): Site[] => [
  ...askGuards(questions),
  ...askPromises(questions),
  ...askGenericCalls(questions),
  ...askInventingClasses(questions),
  ...askCopies(questions),
]

const toSite = (
  one: { readonly file: string; readonly start: number; readonly end: number; readonly enclosing: string },
  kind: FindingKind,
  member: KnownDefinition,
): Site => ({ ...placeIn(one, one.file), kind, type: member.raw.name, enclosing: one.enclosing, reportedAt: [] })

const askGuards = ({ project, held, files }: Questions): Site[] => {
  const guards = files.flatMap(({ file, guards }) => guards.map((guard) => ({ ...guard, file })))
  const claimed = project.typesAt(guards.map(({ file, claimed }) => ({ file, ...claimed })))
  const judged = project.typesAt(guards.map((guard) => ({ file: guard.file, ...(guard.judged ?? guard.claimed) })))
  return guards.flatMap((guard, at) => {
    const member = held.heldBy(claimed[at])
    // `value is T` of a `T | undefined` tells two cases apart and proves nothing new.
    const isNarrowing = guard.judged !== undefined && held.heldBy(judged[at]) !== undefined
    return member && !isNarrowing ? [toSite(guard, 'type-guard', member)] : []
  })
}

const askPromises = ({ project, view, files }: Questions): Site[] => {
  const promises = files.flatMap(({ file, promises }) => promises.map((promise) => ({ ...promise, file })))
  const types = project.typesAt(promises.map(({ file, promised }) => ({ file, ...promised })))
  return promises.flatMap((promise, at) => {
    const type = types[at]
    const member = view.kinOf(type) ?? view.returnedBy(type)
    const mayBeAbsent = type !== undefined && project.membersOf(type).some(({ sort }) => sort === 'nullish')
    // A type parameter is whatever the caller has.
    return member && !mayBeAbsent && type?.sort !== 'parameter' ? [toSite(promise, 'declared-value', member)] : []
  })
}

const askGenericCalls = (questions: Questions): Site[] => {
  const { project, held, files } = questions
  const calls = files.flatMap(({ file, calls }) => calls.map((call) => ({ ...call, file })))
  const types = project.typesAt(calls)
  askAhead(project, types, held.heldBy)
  // `mock<T>` without a call is a function that gives what it invents.
  const results = calls.map(({ isCalled }, at) =>
    isCalled || !types[at] ? types[at] : held.callSignaturesOf(types[at])[0]?.returns,
  )
  const suspects = calls.flatMap((call, at) => {
    const member = held.heldBy(results[at])
    return member ? [{ call, result: results[at]!, member }] : []
  })
  const callees = project.typesAt(suspects.map(({ call: { file, callee } }) => ({ file, ...callee })))
  askAhead(project, callees, held.signaturesOf)
  return suspects.flatMap(({ call, result, member }, at) => {
    const signatures = callees[at] ? held.signaturesOf(callees[at]) : []
    const generic = signatures.filter(({ kind, typeParameters }) => kind === 'call' && typeParameters.length > 0)
    const invents =
      // A copy has the fields of a context and nothing that makes it one.
      call.name === 'structuredClone' ||
      (generic.length === signatures.length &&
        generic.length > 0 &&
        generic.every((one) => inventsIn(one, result, questions)))
    return invents ? [toSite(call, 'generic-result', member)] : []
  })
}

/** `Object.assign({}, context)` where a context is expected: elsewhere it is a row or an entry of a log. */
const askCopies = ({ project, view, files, textOf }: Questions): Site[] => {
  const copies = files.flatMap(({ file, calls }) =>
    calls.map((call) => ({ ...call, file })).filter(isCopyIn(textOf(file))),
  )
  const types = project.typesAt(copies)
  const expected = project.contextualTypes(copies)
  return copies.flatMap((call, at): Site[] => {
    const member = view.kinOf(types[at]) && view.kinOf(expected[at])
    return member ? [toSite(call, 'generic-result', member)] : []
  })
}

const isCopyIn =
  (text: string) =>
  ({ name, start, end }: RawCall): boolean =>
    name === 'assign' && /^Object\s*\.\s*assign\s*\(\s*\{\s*\}\s*,/.test(text.slice(start, end))

/** True when a type parameter that no argument has to do with stands where the result holds a context. */
const inventsIn = (
  { typeParameters, parameters, returns }: CheckedSignature,
  result: CheckedType,
  { project, held }: Questions,
): boolean => {
  const taken = parameters.map((parameter) =>
    project.textOf(parameter).replace(/\b\w*Partial\w*<[^<>]*>|keyof \w+/g, ''),
  )
  const free = new Map(
    typeParameters
      .map((parameter) => [parameter.id, project.textOf(parameter)] as const)
      .filter(
        ([, name]) =>
          !taken.some((text) => new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text)),
      ),
  )
  const isInvented = (declared: CheckedType, made: CheckedType, depth: number): boolean => {
    if (depth > 3 || !held.heldBy(made, Math.min(depth, 3))) return false
    if (free.has(declared.id)) return true
    const parts = project.membersOf(declared)
    if (parts.some(({ id }) => free.has(id)))
      // Without an argument, `T | undefined` is an empty place for one.
      return parameters.length > 0 || declared.sort === 'intersection' || !parts.some(({ sort }) => sort === 'nullish')
    if (declared.sort === 'union') return false
    const [given, filled] = [project.typeArgumentsOf(declared), project.typeArgumentsOf(made)]
    const name = project.symbolOf(declared)?.name ?? ''
    if (given.length > 0 && isValueHolder(name))
      return given.some((one, at) => filled[at] !== undefined && isInvented(one, filled[at], depth + 1))
    const properties = new Map(held.propertiesOf(made).map((property) => [property.name, property.type]))
    return held
      .propertiesOf(declared)
      .some(({ name: key, type }) => properties.has(key) && isInvented(type, properties.get(key)!, depth + 1))
  }
  return returns !== undefined && free.size > 0 && isInvented(returns, result, 0)
}

/** Generics whose argument is a value that is there, or will be. A tuple has no name. */
const isValueHolder = (name: string): boolean =>
  name === '' ||
  /^(Promise|PromiseLike|Array|ReadonlyArray|Map|Set|Iterable|AsyncIterable|Generator|AsyncGenerator)$/.test(name)
