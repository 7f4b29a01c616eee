/**
 * Asks which functions that take a context are given to a place that calls them with an `any`: `anys.map(run)`,
 * `promise.then(run)`, `listen({ on: service.run })`. No value is written there, so no value can show it.
 */
import type { CheckedSignature, CheckedType, NodeSpan } from '../engine/checker.ts'
import { anySite } from './any-site.ts'
import { askAhead } from './ask-ahead.ts'
import type { RawFlow } from './file-facts.ts'
import type { HeldView, IsOpen } from './held-types.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { someOf } from './look-on.ts'
import { accepts, findInOverloads, parameterAt } from './signature-places.ts'
import type { Site } from './site.ts'

type Flow = RawFlow & NodeSpan

/** @param types of the flows, in their order */
export const askCallbacks = (
  flows: readonly Flow[],
  types: readonly (CheckedType | undefined)[],
  questions: Questions,
): Site[] => {
  const { project, held } = questions
  // A function that is written at the place shows its parameters itself: see ask-received.ts.
  const given = flows.map((flow, at) => (flow.form === 'function' ? undefined : types[at]))
  const takes = ({ parameters }: CheckedSignature): boolean =>
    someOf(parameters, (one) => held.demandedBy(one) !== undefined)
  askAhead(project, given, (type) => someOf(held.callSignaturesOf(type), takes))
  const takers = flows.flatMap((flow, at) => {
    const taken = given[at] ? held.callSignaturesOf(given[at]) : []
    return taken.some(takes) ? [{ flow, taken }] : []
  })
  const expected = project.contextualTypes(takers.map(({ flow }) => flow))
  const unsaid = takers.filter(({ flow }, at) => expected[at]?.sort === 'any' && isCallbackOf(flow, questions))
  const receivers = project.typesAt(unsaid.map(({ flow: { file, placed } }) => ({ file, ...placed.callee! })))
  const open = new Map(unsaid.map((taker, at) => [taker, receivers[at]?.sort === 'any']))
  return takers.flatMap((taker, at): Site[] => {
    const { flow, taken } = taker
    const called = expected[at] ? project.membersOf(expected[at]).flatMap(held.callSignaturesOf) : []
    const demanded = ({ parameters }: CheckedSignature): KnownDefinition | undefined =>
      parameters.map(held.demandedBy).find((member) => member !== undefined)
    // An overload that takes what is given is the one that the place may mean.
    const gap = open.get(taker)
      ? findInOverloads(taken, demanded, () => true)
      : called
          .map((call) =>
            findInOverloads(
              taken,
              (one) => gapInCall(call, one, questions),
              (one) => accepts(one, call.hasRest ? call.parameters.slice(0, -1) : call.parameters, project),
            ),
          )
          .find((member) => member !== undefined)
    return gap ? [anySite(flow, gap.raw.name, questions)] : []
  })
}

/** Methods of lists and promises that call what they are given: the only ones trusted on what is `any` itself. */
const isCallbackOf = ({ file, placed: { callee } }: Flow, { textOf }: Questions): boolean =>
  callee !== undefined && callingMethod.test(textOf(file).slice(callee.start, callee.end))

const callingMethod = /\.\s*(?:map|flatMap|forEach|filter|find\w*|some|every|reduce\w*|sort|then|catch)$/

/**
 * @param isOpen whether a part of what is given is no context; left out: where it has no type
 * @returns the context that `taken` takes where `given` brings such a value
 */
export const gapInCall = (
  given: CheckedSignature,
  taken: CheckedSignature,
  { project, held }: Pick<Questions, 'project'> & { readonly held: HeldView },
  isOpen: IsOpen = isUntyped,
): KnownDefinition | undefined => {
  for (const at of taken.parameters.keys()) {
    const [value, wanted] = [parameterAt(given, at, project), parameterAt(taken, at, project)]
    const gap = value && wanted && held.gapIn(value, wanted, isOpen)
    if (gap) return gap
  }
  return undefined
}

/** `unknown` reaches a parameter where TypeScript compares methods both ways. */
const isUntyped = (part: CheckedType | undefined): boolean => part?.sort === 'any' || part?.sort === 'unknown'
