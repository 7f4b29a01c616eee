/**
 * Asks which functions that are written as an argument name a context that nothing promises them: their place is an
 * `any` or a `Function`, so whoever calls them may give them anything.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import { anySite } from './any-site.ts'
import type { DemandingAnnotation } from './ask-annotations.ts'
import type { RawFlow } from './file-facts.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

export const askWrittenCallbacks = (
  flows: readonly (RawFlow & NodeSpan)[],
  annotations: readonly DemandingAnnotation[],
  questions: Questions,
): Site[] => {
  const { project } = questions
  const keyOf = ({ file, start, end }: NodeSpan): string => `${file}:${start}:${end}`
  const places = new Map(
    flows.filter(({ form, placed }) => form === 'function' && placed.callee).map((flow) => [keyOf(flow), flow]),
  )
  const suspects = annotations.flatMap((annotation) => {
    const { file, holder, member, expected } = annotation
    const flow = member === undefined && places.get(keyOf({ file, ...holder }))
    return flow && isUntyped(expected, project) ? [{ flow, annotation }] : []
  })
  // Of a callee without a type, as where its package is not installed, nobody knows what it gives.
  const callees = project.typesAt(suspects.map(({ flow: { file, placed } }) => ({ file, ...placed.callee! })))
  return suspects.flatMap(({ annotation }, at) =>
    callees[at]?.sort === 'error' ? [] : [anySite(annotation, annotation.demanded.raw.name, questions)],
  )
}

const isUntyped = (place: CheckedType | undefined, project: CheckerProject): boolean =>
  place !== undefined &&
  project
    .membersOf(place)
    .some((part) => part.sort === 'any' || (part.sort === 'object' && project.symbolOf(part)?.name === 'Function'))
