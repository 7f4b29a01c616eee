/**
 * Asks which values travel to a place where the type is expected: an `any`, or a literal that was given no type.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import { anyCarriers } from './any-carriers.ts'
import { anySite } from './any-site.ts'
import { askAhead } from './ask-ahead.ts'
import { askAnnotations } from './ask-annotations.ts'
import { askCallbacks } from './ask-callbacks.ts'
import { askDetours } from './ask-detours.ts'
import { askLooseMethods, askOverrides } from './ask-loose-methods.ts'
import { askOverloads } from './ask-overloads.ts'
import { askReceived, askSpreads } from './ask-received.ts'
import { gapInResults } from './ask-results.ts'
import { askWrites } from './ask-writes.ts'
import { askWrittenCallbacks } from './ask-written-callbacks.ts'
import type { RawFlow } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import { addOrigin } from './literal-origin.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

/** Values that travel: an `any`, or a literal that was given no type, reaching a place where the type is expected. */
export const askFlows = (questions: Questions): Site[] => {
  const { project, view, held, files, count } = questions
  const flows = files.flatMap(({ file, flows }) => flows.map((flow) => ({ ...flow, file })))
  const types = project.typesAt(flows)
  count(flows, types)
  const carriesAny = anyCarriers(questions)
  const givesAny = anyGivers(flows, carriesAny, questions)
  // The type of a function is no literal's; to ask would cost a message for each.
  const values = types.filter((_, at) => flows[at]!.form !== 'function')
  askAhead(project, values, (type) => travellingParts(project, type))
  const opened = types.filter((_, at) => givesAny(flows[at]!))
  askAhead(project, opened, carriesAny)
  const suspects = flows.flatMap((flow, at) => {
    const type = types[at]
    if (!type) return []
    const parts = flow.form === 'function' ? [] : travellingParts(project, type)
    const isOpen = (givesAny(flow) && carriesAny(type)) || (type.sort === 'never' && flow.form === 'assertion')
    return parts.length > 0 || isOpen ? [{ flow, type, parts, isOpen }] : []
  })
  const expected = project.contextualTypes(suspects.map(({ flow }) => flow))
  askAhead(project, expected, view.kinOf)
  const places = expected.filter((_, at) => suspects[at]!.isOpen)
  askAhead(project, places, held.demandedBy)
  const pairs = suspects.map(({ type, isOpen }, at) =>
    isOpen && expected[at] ? ([type, expected[at]] as const) : undefined,
  )
  project.askTogether(
    pairs.filter((pair) => pair !== undefined),
    ([type, place]) => void gapInResults(type, place, questions),
  )
  const anys: Site[] = []
  const functions = new Set<Site>()
  const origins = new Map<string, Site>()
  suspects.forEach(({ flow, type, parts, isOpen }, at) => {
    const wanted = constraintFor(flow, type, expected[at], questions) ?? expected[at]
    const gap =
      isOpen && wanted ? (gapOf(flow, type, wanted, questions) ?? gapInResults(type, wanted, questions)) : undefined
    if (gap) {
      const site = anySite(flow, gap.raw.name, questions)
      anys.push(site)
      if (flow.form === 'function') functions.add(site)
    }
    const member = gap ? undefined : view.kinOf(wanted)
    const literals = parts.filter(({ fromLiteral }) => fromLiteral)
    if (member) for (const part of literals) addOrigin(origins, part, flow, member.raw.name, questions)
  })
  const annotations = askAnnotations(questions)
  const received = [
    ...askSpreads(questions, carriesAny),
    ...askReceived(annotations, questions),
    ...askDetours(questions),
    ...askCallbacks(flows, types, questions),
    ...askWrittenCallbacks(flows, annotations, questions),
    ...askLooseMethods(flows, types, questions),
    ...askOverrides(questions),
    ...askOverloads(questions),
    ...askWrites(questions),
  ]
  return [...withoutInner([...anys, ...received], functions), ...origins.values()]
}

/**
 * False for a function that is written here and whose every result is of a type without `any`: its own type adds
 * nothing to it.
 */
const anyGivers = (
  flows: readonly (RawFlow & NodeSpan)[],
  carriesAny: (type: CheckedType, depth: number) => boolean,
  { project, files }: Questions,
): ((flow: RawFlow & NodeSpan) => boolean) => {
  const keyOf = ({ file, start, end }: NodeSpan): string => `${file}:${start}:${end}`
  const written = new Set(flows.filter(({ form }) => form === 'function').map(keyOf))
  const inferred = files.flatMap(({ file, functions }) =>
    functions
      .filter(({ returnTypes, start, end }) => returnTypes === undefined && written.has(keyOf({ file, start, end })))
      .map(({ start, end, returns }) => ({ key: keyOf({ file, start, end }), file, returns })),
  )
  const results = inferred.flatMap(({ key, file, returns }) => returns.map((span) => ({ key, file, ...span })))
  const types = project.typesAt(results)
  askAhead(project, types, (type) => carriesAny(type, 1))
  const open = new Set(results.filter((_, at) => !types[at] || carriesAny(types[at], 1)).map(({ key }) => key))
  const closed = new Set(inferred.map(({ key }) => key).filter((key) => !open.has(key)))
  return (flow) => flow.form !== 'function' || !closed.has(keyOf(flow))
}

const gapOf = (
  flow: RawFlow,
  source: CheckedType,
  target: CheckedType,
  { project, held }: Questions,
): KnownDefinition | undefined => {
  if (flow.written === undefined || source.sort !== 'any') {
    const isNever = source.sort === 'never'
    return held.gapIn(source, target, (part) => part !== undefined && (part.sort === 'any' || isNever))
  }
  // `{ ...body, context }`: what is written beside the spread is a value of its own.
  const open = held.propertiesOf(target).filter(({ name }) => !flow.written!.includes(name))
  const members = open.map(({ type }) => held.demandedBy(type)).filter((member) => member !== undefined)
  return project.membersOf(target).length === 1 ? members[0] : undefined
}

/** What a type parameter must extend, where an `any` was passed for it. */
const constraintFor = (
  { file, placed }: RawFlow & NodeSpan,
  type: CheckedType,
  expected: CheckedType | undefined,
  { project, held }: Questions,
): CheckedType | undefined => {
  if (type.sort !== 'any' || !placed.callee || (expected && expected.sort !== 'any')) return undefined
  const [callee] = project.typesAt([{ file, ...placed.callee }])
  for (const { parameters } of callee ? held.signaturesOf(callee) : []) {
    const parameter = parameters[placed.index ?? 0]
    if (parameter?.sort === 'parameter') return project.constraintOf(parameter)
  }
  return undefined
}

const travellingParts = (project: CheckerProject, type: CheckedType): readonly CheckedType[] => {
  if (type.sort === 'any' || type.fromLiteral) return [type]
  // `Object.assign({}, context)` is the object that it was given first.
  if (type.sort === 'intersection')
    return project
      .membersOf(type)
      .slice(0, 1)
      .filter(({ fromLiteral }) => fromLiteral)
  return type.sort === 'union' ? project.membersOf(type).filter(({ fromLiteral }) => fromLiteral) : []
}

/**
 * `await body` and the `body` in it are one flow: the outer one. A function that gives an `any` is shown by what it
 * returns, where
 * that is a site of its own.
 */
const withoutInner = (sites: readonly Site[], functions: ReadonlySet<Site>): Site[] => {
  const inOrder = [...sites].sort((a, b) =>
    a.file === b.file ? a.start - b.start || b.end - a.end : a.file < b.file ? -1 : 1,
  )
  const kept = new Set<Site>()
  let around: Site[] = []
  for (const site of inOrder) {
    around = around.filter((outer) => outer.file === site.file && outer.end >= site.end)
    if (around.some((outer) => !functions.has(outer))) continue
    for (const outer of around) kept.delete(outer)
    around.push(site)
    kept.add(site)
  }
  return [...kept]
}
