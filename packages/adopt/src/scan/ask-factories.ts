/**
 * Finds the functions that give a value of the family, and who calls them.
 */
import type { CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { FileFacts, RawFunction } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'

export type FoundFactory = {
  readonly file: string
  readonly raw: RawFunction
  readonly member: KnownDefinition
  readonly inferred: boolean
}

/** Functions whose declared or inferred return type is a member, null, undefined and promises aside. */
export const askFactories = ({ project, view, files, count }: Questions): FoundFactory[] => {
  const functions = files.flatMap(({ file, functions }) =>
    functions.filter(({ isCallback }) => !isCallback).map((raw) => ({ file, raw })),
  )
  const asked = functions.flatMap(({ file, raw }) =>
    (raw.returnTypes ?? raw.returns).map(({ start, end }) => ({ file, raw, start, end })),
  )
  const types = project.typesAt(asked)
  count(types)
  const members = new Map<RawFunction, KnownDefinition>()
  asked.forEach(({ raw }, at) => {
    const type = types[at]
    if (members.has(raw) || !type || type.fromLiteral) return
    const member = raw.returnTypes === undefined ? view.returnedBy(type) : view.memberOf(type)
    if (member) members.set(raw, member)
  })
  return functions.flatMap(({ file, raw }) => {
    const member = members.get(raw)
    return member ? [{ file, raw, member, inferred: raw.returnTypes === undefined }] : []
  })
}

/** Places that call each factory, in the files given, by symbol; a name alone is no caller. */
export const findCallers = (
  projects: readonly CheckerProject[],
  files: readonly FileFacts[],
  factories: readonly FoundFactory[],
): ReadonlyMap<RawFunction, NodeSpan[]> => {
  const names = new Set(factories.map(({ raw }) => raw.name))
  const callers = new Map<RawFunction, NodeSpan[]>(factories.map(({ raw }) => [raw, []]))
  // A field that holds a function ends with its semicolon, one further on.
  const byPlace = new Map(
    factories.flatMap(({ file, raw }) => [raw.end, raw.end + 1].map((end) => [`${file}:${end}`, raw])),
  )
  for (const project of projects) {
    const own = new Set(project.files)
    const asked = files
      .filter(({ file }) => own.has(file))
      .flatMap((facts) => {
        const aliases = new Set(facts.imports.filter(({ imported }) => names.has(imported)).map(({ local }) => local))
        return facts.calls
          .filter(({ name }) => names.has(name) || aliases.has(name))
          .map(({ nameSpan }) => ({ file: facts.file, ...nameSpan }))
      })
    project.symbolsAt(asked).forEach((symbol, at) => {
      for (const { file, end } of symbol?.declarations ?? []) {
        // A variable's declaration ends where the function that it holds ends.
        const called = byPlace.get(`${file}:${end}`)
        if (called) callers.get(called)?.push(asked[at]!)
      }
    })
  }
  return callers
}
