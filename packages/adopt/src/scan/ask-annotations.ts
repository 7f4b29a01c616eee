/**
 * Asks which parameters of functions that are values name a context, and what is expected of the function there.
 */
import type { CheckedType } from '../engine/checker.ts'
import { askAhead } from './ask-ahead.ts'
import type { RawAnnotation } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'

/** `expected` is the type of the place that the function, or the object that it is a method of, stands at. */
export type DemandingAnnotation = RawAnnotation & {
  readonly file: string
  readonly target: CheckedType
  readonly demanded: KnownDefinition
  readonly expected: CheckedType | undefined
}

export const askAnnotations = ({ project, held, files }: Questions): DemandingAnnotation[] => {
  const annotations = files.flatMap(({ file, annotations }) => annotations.map((one) => ({ ...one, file })))
  const types = project.typesAt(annotations.map(({ file, annotation }) => ({ file, ...annotation })))
  askAhead(project, types, held.demandedBy)
  const demanding = annotations.flatMap((one, at) => {
    const demanded = held.demandedBy(types[at])
    return demanded ? [{ ...one, target: types[at]!, demanded }] : []
  })
  const expected = project.contextualTypes(demanding.map(({ file, holder }) => ({ file, ...holder })))
  return demanding.map((one, at) => ({ ...one, expected: expected[at] }))
}
