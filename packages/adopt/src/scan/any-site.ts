/**
 * The finding for an `any` that is used as a context, with where it comes from.
 */
import type { NodeSpan } from '../engine/checker.ts'
import { originOf } from './any-origin.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

export const anySite = (
  flow: NodeSpan & { readonly enclosing: string },
  type: string,
  { factsOf, textOf }: Questions,
): Site => ({
  ...placeIn(flow, flow.file),
  kind: 'any-flow',
  type,
  enclosing: flow.enclosing,
  reportedAt: [],
  details: { origin: originOf(factsOf(flow.file)!, textOf(flow.file), flow) },
})
