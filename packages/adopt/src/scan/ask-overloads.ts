/**
 * Asks what functions with several signatures give back. The compiler compares the body with the signature that it is
 * written under, and callers see the others: an `any` behind them is a context for whoever calls.
 */
import type { NodeSpan } from '../engine/checker.ts'
import { anySite } from './any-site.ts'
import { askAhead } from './ask-ahead.ts'
import type { RawFunction } from './file-facts.ts'
import type { IsOpen } from './held-types.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

export const askOverloads = (questions: Questions): Site[] => {
  const { project, held, files, textOf } = questions
  const functions = files.flatMap(({ file, functions }) => {
    const counts = countHeads(textOf(file))
    return functions.flatMap((raw) => (isSuspect(raw, counts) ? [{ file, raw }] : []))
  })
  const types = project.typesAt(functions.map(({ file, raw: { nameSpan } }): NodeSpan => ({ file, ...nameSpan })))
  askAhead(project, types, (type) => held.callSignaturesOf(type).map(({ returns }) => held.demandedBy(returns)))
  const returned = functions.flatMap(({ file, raw }, at) => {
    const promised = (types[at] ? held.callSignaturesOf(types[at]) : []).flatMap(({ returns }) => returns ?? [])
    return promised.some((one) => held.demandedBy(one))
      ? raw.returns.map((span) => ({ ...span, file, promised, enclosing: enclosingOf(raw) }))
      : []
  })
  const given = project.typesAt(returned)
  return returned.flatMap((one, at): Site[] => {
    for (const part of given[at] ? project.membersOf(given[at]) : []) {
      const gaps = one.promised.map((wanted) => held.gapIn(part, wanted, isInvented))
      const member = gaps.find((gap) => gap !== undefined)
      // What another head promises, without a context, is what this result may be for.
      const isOther =
        part.sort !== 'any' && one.promised.some((wanted, index) => !gaps[index] && project.isAssignable(part, wanted))
      if (!member || isOther) continue
      const site = anySite(one, member.raw.name, questions)
      return [part.fromLiteral ? { ...site, kind: 'literal-return' } : site]
    }
    return []
  })
}

const isInvented: IsOpen = (part) => part?.sort === 'any' || part?.fromLiteral === true

/** A name with a body that stands behind another head of it. What is annotated as a context is asked at the flow. */
const isSuspect = ({ name, isCallback, returnTypes }: RawFunction, counts: ReadonlyMap<string, number>): boolean =>
  !isCallback && (returnTypes === undefined || returnTypes.length === 0) && (counts.get(name) ?? 0) > 1

/** How often a name stands before a list of parameters, or of arguments: twice at least where it has several heads. */
const countHeads = (text: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const [, name = ''] of text.matchAll(/(?<![\p{ID_Continue}$])([\p{ID_Start}_$][\p{ID_Continue}$]*)\s*[<(]/gu))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

const enclosingOf = ({ enclosing, name }: RawFunction): string => [enclosing, name].filter(Boolean).join('.')
