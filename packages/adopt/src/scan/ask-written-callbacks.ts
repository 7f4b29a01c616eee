/**
 * Asks which functions that are written as an argument name a context that nothing promises them: their place is an
 * `any` or a `Function`, so whoever calls them may give them anything.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import { anySite } from './any-site.ts'
import type { RawAnnotation, RawFlow } from './file-facts.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

type Taker = { readonly flow: RawFlow & NodeSpan; readonly annotation: RawAnnotation & { readonly file: string } }

export const askWrittenCallbacks = (flows: readonly (RawFlow & NodeSpan)[], questions: Questions): Site[] => {
  const { project, held, files } = questions
  const keyOf = ({ file, start, end }: NodeSpan): string => `${file}:${start}:${end}`
  const places = new Map(
    flows.filter(({ form, placed }) => form === 'function' && placed.callee).map((flow) => [keyOf(flow), flow]),
  )
  const takers = files.flatMap(({ file, annotations }) =>
    annotations.flatMap((annotation): Taker[] => {
      const flow = annotation.member === undefined && places.get(keyOf({ file, ...annotation.holder }))
      return flow ? [{ flow, annotation: { ...annotation, file } }] : []
    }),
  )
  const types = project.typesAt(takers.map(({ annotation: { file, annotation } }) => ({ file, ...annotation })))
  const suspects = takers.flatMap((taker, at) => {
    const member = held.demandedBy(types[at])
    return member ? [{ ...taker, member }] : []
  })
  const expected = project.contextualTypes(suspects.map(({ flow }) => flow))
  // Of a callee without a type, as where its package is not installed, nobody knows what it gives.
  const callees = project.typesAt(suspects.map(({ flow: { file, placed } }) => ({ file, ...placed.callee! })))
  return suspects.flatMap(({ annotation, member }, at) =>
    callees[at]?.sort !== 'error' && isUntyped(expected[at], project)
      ? [anySite(annotation, member.raw.name, questions)]
      : [],
  )
}

const isUntyped = (place: CheckedType | undefined, project: CheckerProject): boolean =>
  place !== undefined &&
  project
    .membersOf(place)
    .some((part) => part.sort === 'any' || (part.sort === 'object' && project.symbolOf(part)?.name === 'Function'))
