/**
 * Asks where an object that has a method for a context is used as a type whose method takes anything in its place.
 * TypeScript compares the parameters of methods both ways, so no assertion is needed: whoever holds the object under
 * that type gives it a value that nobody made.
 */
import type { CheckedSignature, CheckedType, NodeSpan } from '../engine/checker.ts'
import { askAhead } from './ask-ahead.ts'
import { gapInCall } from './ask-callbacks.ts'
import type { RawFlow } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { firstOf, someOf } from './look-on.ts'
import { remembered } from './remembered.ts'
import { accepts, findInOverloads } from './signature-places.ts'
import { placeIn, type Site } from './site.ts'

type Flow = RawFlow & NodeSpan

/** How many lists and promises are opened. */
const deepest = 2

/** @param types of the flows, in their order */
export const askLooseMethods = (
  flows: readonly Flow[],
  types: readonly (CheckedType | undefined)[],
  questions: Questions,
): Site[] => {
  const { project } = questions
  const compare = openComparison(questions)
  const given = flows.map(({ form }, at) => (form === 'function' || form === 'literal' ? undefined : types[at]))
  askAhead(project, given, compare.takesContexts)
  const suspects = flows.flatMap((flow, at) => {
    const type = given[at]
    return type && compare.takesContexts(type) ? [{ flow, type }] : []
  })
  const expected = project.contextualTypes(suspects.map(({ flow }) => flow))
  const places = suspects.map(({ flow, type }, at) => ({
    place: expected[at],
    // What a type parameter stands for is the object itself; what it must extend is what the function calls.
    declared: !expected[at] || expected[at].id === type.id ? flow.placed.callee : undefined,
  }))
  const callees = project.typesAt(
    suspects.flatMap(({ flow: { file } }, at) => (places[at]!.declared ? [{ file, ...places[at]!.declared! }] : [])),
  )
  let asked = 0
  return suspects.flatMap(({ flow, type }, at): Site[] => {
    const { place, declared } = places[at]!
    const callee = declared && callees[asked++]
    const wanted = callee ? constraintIn(callee, flow.placed.index ?? 0, questions) : place
    const member = wanted && compare.gapBetween(type, wanted)
    return member ? [toSite(flow, member)] : []
  })
}

const toSite = (place: NodeSpan & { readonly enclosing: string }, { raw }: KnownDefinition): Site => ({
  ...placeIn(place, place.file),
  kind: 'loose-method',
  type: raw.name,
  enclosing: place.enclosing,
  reportedAt: [],
})

/** What the parameter must extend, where the function is generic in it. */
const constraintIn = (callee: CheckedType, at: number, { held }: Questions): CheckedType | undefined => {
  const wanted = held.signaturesOf(callee).map(({ parameters }) => parameters[at])
  return wanted.find((one) => one?.sort === 'parameter')
}

/** Methods of classes that take a context where what they implement or extend takes anything. */
export const askOverrides = (questions: Questions): Site[] => {
  const { project, held, files } = questions
  const methods = files.flatMap(({ file, methods }) => methods.map((method) => ({ ...method, file })))
  const spans = methods.map(({ file, annotation }): NodeSpan => ({ file, ...annotation }))
  const types = project.typesAt(spans)
  askAhead(project, types, held.demandedBy)
  const suspects = methods.filter((_, at) => held.demandedBy(types[at]))
  const compare = openComparison(questions)
  const classes = project.typesAt(suspects.map(({ file, className }) => ({ file, ...className })))
  return suspects.flatMap((method, at): Site[] => {
    const own = classes[at]
    if (!own) return []
    const implemented = project.typesAt(method.implemented.map((span) => ({ file: method.file, ...span })))
    const bases = [...project.baseTypesOf(own), ...implemented.filter((base) => base !== undefined)]
    const member = bases.map((base) => compare.gapInMethod(own, base, method.name)).find((one) => one !== undefined)
    return member ? [toSite(method, member)] : []
  })
}

type Comparison = {
  readonly takesContexts: (type: CheckedType, depth?: number) => boolean
  readonly gapBetween: (source: CheckedType, target: CheckedType, depth?: number) => KnownDefinition | undefined
  readonly gapInMethod: (source: CheckedType, target: CheckedType, name: string) => KnownDefinition | undefined
}

const openComparison = ({ project, held, view }: Questions): Comparison => {
  type Takers = ReadonlyMap<string, readonly CheckedSignature[]>
  /** Methods for a context. What a package declares takes one only through its type arguments. */
  const takersOf = remembered(new Map() as Takers, (type): Takers => {
    const found = new Map<string, readonly CheckedSignature[]>()
    if (!mayTake(type)) return found
    firstOf(project.propertiesOf(type), ({ name, type: method }): undefined => {
      const signatures = held.callSignaturesOf(method)
      if (someOf(signatures, ({ parameters }) => someOf(parameters, (one) => held.demandedBy(one) !== undefined)))
        found.set(name, signatures)
    })
    return found
  })
  /** The methods of a package's type are asked where its type arguments hold a context: there are many. */
  const mayTake = (type: CheckedType): boolean =>
    type.sort === 'intersection' ||
    (type.sort === 'object' &&
      held.argumentsOf(type).length === 0 &&
      (!held.isForeign(type) || project.typeArgumentsOf(type).some((one) => held.heldBy(one))))
  const partsOf = (type: CheckedType): readonly CheckedType[] =>
    type.sort === 'union' ? project.membersOf(type).filter(({ sort }) => sort !== 'nullish') : [type]
  const takesContexts = (type: CheckedType, depth = 0): boolean =>
    someOf(
      partsOf(type),
      (part) =>
        takersOf(part).size > 0 ||
        (depth < deepest && someOf(held.argumentsOf(part), (argument) => takesContexts(argument, depth + 1))),
    )
  /** A value of another type that a method for a context is given. */
  const isForged = (part: CheckedType | undefined): boolean =>
    part !== undefined && part.sort !== 'nullish' && part.sort !== 'never' && !view.kinOf(part)
  const gapIn = (given: CheckedSignature, taken: readonly CheckedSignature[]): KnownDefinition | undefined =>
    findInOverloads(
      taken,
      (one) => gapInCall(given, one, { project, held }, isForged),
      (one) => given.parameters.length > 0 && accepts(one, valuesOf(given), project),
    )
  const valuesOf = ({ parameters, hasRest }: CheckedSignature): readonly CheckedType[] =>
    hasRest ? parameters.slice(0, -1) : parameters
  const gapInMethod = (source: CheckedType, target: CheckedType, name: string): KnownDefinition | undefined => {
    const taken = takersOf(source).get(name)
    const wanted = taken && project.propertiesOf(target).find((one) => one.name === name)?.type
    for (const given of wanted ? partsOf(wanted).flatMap(held.callSignaturesOf) : []) {
      const gap = gapIn(given, taken!)
      if (gap) return gap
    }
    return undefined
  }
  const gapBetween = (source: CheckedType, target: CheckedType, depth = 0): KnownDefinition | undefined => {
    if (source.id === target.id || depth > deepest) return undefined
    if (target.sort === 'parameter') {
      const constraint = project.constraintOf(target)
      return constraint && gapBetween(source, constraint, depth + 1)
    }
    const places = partsOf(target)
    for (const part of partsOf(source)) {
      const fitting = places.length > 1 ? places.filter((place) => project.isAssignable(part, place)) : places
      const gaps = fitting.map((place) => gapInPlace(part, place, depth))
      // A place of several types where one of them is as strict as the object.
      if (gaps.length > 0 && gaps.every((gap) => gap !== undefined)) return gaps[0]
    }
    return undefined
  }
  const gapInPlace = (source: CheckedType, target: CheckedType, depth: number): KnownDefinition | undefined => {
    if (source.id === target.id) return undefined
    const [given, wanted] = [held.argumentsOf(source), held.argumentsOf(target)]
    if (given.length > 0)
      return wanted
        .map((one, at) => (given[at] ? gapBetween(given[at], one, depth + 1) : undefined))
        .find((gap) => gap !== undefined)
    return [...takersOf(source).keys()]
      .map((name) => gapInMethod(source, target, name))
      .find((gap) => gap !== undefined)
  }
  return { takesContexts, gapBetween, gapInMethod }
}
