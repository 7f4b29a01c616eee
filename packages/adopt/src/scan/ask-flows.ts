/**
 * Asks which values travel to a place where the type is expected: an `any`, or a literal that was given no type.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import { originOf } from './any-origin.ts'
import type { RawFlow } from './file-facts.ts'
import { addOrigin } from './literal-origin.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

/** Values that travel: an `any`, or a literal that was given no type, reaching a place where the type is expected. */
export const askFlows = (questions: Questions): Site[] => {
  const { project, view, files, count } = questions
  const flows = files.flatMap(({ file, flows }) => flows.map((flow) => ({ ...flow, file })))
  const types = project.typesAt(flows)
  count(types)
  const suspects = flows.flatMap((flow, at) => {
    const parts = types[at] ? travellingParts(project, types[at]) : []
    return parts.length > 0 ? [{ flow, parts }] : []
  })
  const expected = project.contextualTypes(suspects.map(({ flow }) => flow))
  const anys: Site[] = []
  const origins = new Map<string, Site>()
  suspects.forEach(({ flow, parts }, at) => {
    if (parts.some(({ sort }) => sort === 'any')) {
      const member = view.expectedBy(expected[at])
      if (member) anys.push(anySite(flow, member.raw.name, questions))
      return
    }
    const member = view.memberOf(expected[at])
    if (member) for (const part of parts) addOrigin(origins, part, flow, member.raw.name, questions)
  })
  return [...withoutInner(anys), ...origins.values()]
}

const travellingParts = (project: CheckerProject, type: CheckedType): readonly CheckedType[] => {
  if (type.sort === 'any' || type.fromLiteral) return [type]
  return type.sort === 'union' ? project.membersOf(type).filter(({ fromLiteral }) => fromLiteral) : []
}

const anySite = (flow: RawFlow & NodeSpan, type: string, { factsOf, textOf }: Questions): Site => ({
  ...placeIn(flow, flow.file),
  kind: 'any-flow',
  type,
  enclosing: flow.enclosing,
  reportedAt: [],
  details: { origin: originOf(factsOf(flow.file)!, textOf(flow.file), flow) },
})

/** `await body` and the `body` in it are one flow: the outer one. */
const withoutInner = (sites: readonly Site[]): Site[] =>
  sites.filter(
    (site) =>
      !sites.some(
        (other) => other !== site && other.file === site.file && other.start <= site.start && other.end >= site.end,
      ),
  )
