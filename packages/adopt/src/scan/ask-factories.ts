/**
 * Finds the functions that give a value of the family, and who calls them.
 */
import type { NodeSpan } from '../engine/checker.ts'
import type { RawFunction } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'

export type FoundFactory = {
  readonly file: string
  readonly raw: RawFunction
  readonly member: KnownDefinition
  readonly inferred: boolean
}

/**
 * Functions whose return type is a member, declared or inferred, or by its declaration extends one; null, undefined and
 * promises aside.
 */
export const askFactories = ({ project, view, files, count }: Questions): FoundFactory[] => {
  const functions = files.flatMap(({ file, functions }) =>
    functions.filter(({ isCallback }) => !isCallback).map((raw) => ({ file, raw })),
  )
  const asked = functions.flatMap(({ file, raw }) =>
    (raw.returnTypes ?? raw.returns).map(({ start, end }) => ({ file, raw, start, end })),
  )
  const types = project.typesAt(asked)
  count(asked, types)
  const memberAt = (at: number): KnownDefinition | undefined => {
    const type = types[at]
    if (!type || type.fromLiteral) return undefined
    return asked[at]!.raw.returnTypes === undefined ? view.returnedBy(type) : view.kinOf(type)
  }
  project.askTogether(asked.keys(), memberAt)
  const members = new Map<RawFunction, KnownDefinition>()
  asked.forEach(({ raw }, at) => {
    const member = members.has(raw) ? undefined : memberAt(at)
    if (member) members.set(raw, member)
  })
  return functions.flatMap(({ file, raw }) => {
    const member = members.get(raw)
    return member ? [{ file, raw, member, inferred: raw.returnTypes === undefined }] : []
  })
}

/** A call that gives a context, and the ends of what it calls, as `file:end`. */
export type FoundCall = NodeSpan & { readonly called: readonly string[] }

/** Calls whose result is or holds a context, by symbol; a name alone is no caller. */
export const askCalls = ({ project, held, files }: Questions): FoundCall[] => {
  const calls = files.flatMap(({ file, calls }) => calls.map((call) => ({ ...call, file })))
  const results = project.typesAt(calls)
  const asked = calls
    .filter(({ name }, at) => name !== '' && held.heldBy(results[at]) !== undefined)
    .map(({ file, nameSpan }): NodeSpan => ({ file, ...nameSpan }))
  return project.symbolsAt(asked).flatMap((symbol, at) => {
    const called = (symbol?.declarations ?? []).map(({ file, end }) => `${file}:${end}`)
    return called.length > 0 ? [{ ...asked[at]!, called }] : []
  })
}

/** Places that call each factory. */
export const findCallers = (
  factories: readonly FoundFactory[],
  calls: readonly FoundCall[],
): ReadonlyMap<RawFunction, NodeSpan[]> => {
  const callers = new Map<RawFunction, NodeSpan[]>(factories.map(({ raw }) => [raw, []]))
  // A field that holds a function ends with its semicolon, one further on; a variable's declaration where its function
  // ends.
  const byPlace = new Map(
    factories.flatMap(({ file, raw }) => [raw.end, raw.end + 1].map((end) => [`${file}:${end}`, raw])),
  )
  for (const { called, ...place } of calls) {
    for (const end of called) {
      const factory = byPlace.get(end)
      if (factory) callers.get(factory)?.push(place)
    }
  }
  return callers
}
