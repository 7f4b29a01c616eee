/**
 * Types that hold a context: promises, lists, maps, tuples, objects with a property of it, functions that give it.
 * Compares such a type with that of the value, place by place.
 */
import type { CheckedProperty, CheckedSignature, CheckedType, CheckerProject } from '../engine/checker.ts'
import type { FamilyView } from './family.ts'
import type { KnownDefinition } from './known-definition.ts'
import { firstOf } from './look-on.ts'
import { remembered } from './remembered.ts'

export type HeldView = {
  /** The member that a value of this type is or holds, where code can read it. */
  readonly heldBy: (type: CheckedType | undefined, depth?: number) => KnownDefinition | undefined
  /**
   * As `heldBy`, for a place that takes no other object: of a union every member that is none of null, undefined, a
   * text or another primitive.
   */
  readonly demandedBy: (type: CheckedType | undefined) => KnownDefinition | undefined
  /** The member at the first place of `target` where the part of `source` does not vouch for it. */
  readonly gapIn: (
    source: CheckedType,
    target: CheckedType,
    isOpen: IsOpen,
    depth?: number,
  ) => KnownDefinition | undefined
  readonly propertiesOf: (type: CheckedType) => readonly CheckedProperty[]
  /** The values that a container holds; empty for any other type. */
  readonly argumentsOf: (type: CheckedType) => readonly CheckedType[]
  readonly callSignaturesOf: (type: CheckedType) => readonly CheckedSignature[]
  /** True for a type that only packages and the standard library declare. */
  readonly isForeign: (type: CheckedType) => boolean
  /** Those for calls, then those for `new`. */
  readonly signaturesOf: (type: CheckedType) => readonly CheckedSignature[]
}

/** @param source undefined where the value has nothing at the place. */
export type IsOpen = (source: CheckedType | undefined, target: CheckedType) => boolean

/** How deep a type is looked into. */
const deepest = 3

/** Their arguments are values that they hold; those of other generics show in properties. */
const containers = new Set([
  'Promise',
  'PromiseLike',
  'Array',
  'ReadonlyArray',
  'Map',
  'ReadonlyMap',
  'WeakMap',
  'Set',
  'ReadonlySet',
  'WeakSet',
  'Iterable',
  'Iterator',
  'IterableIterator',
  'ArrayIterator',
  'MapIterator',
  'SetIterator',
  'AsyncIterable',
  'AsyncIterator',
  'AsyncIterableIterator',
  'Generator',
  'AsyncGenerator',
  'AsyncLocalStorage',
  'WeakRef',
])

/** Their fields are those of their argument. */
const mapped = new Set(['Partial', 'Required', 'Readonly', 'Pick', 'Omit'])

export const viewHeld = (project: CheckerProject, view: FamilyView): HeldView => {
  const isObject = ({ sort }: CheckedType): boolean => sort === 'object' || sort === 'intersection'
  const argumentsOf = remembered<readonly CheckedType[]>([], (type) => {
    if (type.sort !== 'object' || type.fromLiteral) return []
    const given = project.typeArgumentsOf(type)
    if (given.length === 0) return []
    const name = project.symbolOf(type)?.name
    // A tuple has no name of its own.
    return name === undefined || containers.has(name) ? given : []
  })
  const isForeign = remembered<boolean>(false, (type) => {
    const symbol = project.symbolOf(type)
    if (mapped.has(symbol?.name ?? '')) return false
    const places = symbol?.declarations ?? []
    return places.length > 0 && places.every(({ file }) => file.includes('/node_modules/') || !file.includes('/'))
  })
  const propertiesOf = remembered<readonly CheckedProperty[]>([], (type) => {
    if (!isObject(type) || argumentsOf(type).length > 0) return []
    // What a package declares holds a context only through its type arguments.
    if (type.sort === 'object' && !type.fromLiteral && isForeign(type) && project.typeArgumentsOf(type).length === 0)
      return []
    return project.propertiesOf(type).filter(({ method, hidden }) => !method && !hidden)
  })
  const indexOf = remembered<readonly CheckedType[]>([], (type) =>
    isObject(type) && argumentsOf(type).length === 0 ? project.indexTypesOf(type) : [],
  )
  const mayBeCalled = (type: CheckedType): boolean => isObject(type) && !type.fromLiteral
  const callSignaturesOf = (type: CheckedType): readonly CheckedSignature[] =>
    mayBeCalled(type) ? project.callSignaturesOf(type) : []
  const signaturesOf = (type: CheckedType): readonly CheckedSignature[] =>
    mayBeCalled(type) ? [...project.callSignaturesOf(type), ...project.constructSignaturesOf(type)] : []
  const resultsOf = (type: CheckedType): readonly CheckedType[] =>
    callSignaturesOf(type).flatMap(({ returns }) => returns ?? [])
  const parts = (type: CheckedType): readonly CheckedType[] =>
    project.membersOf(type).filter(({ sort }) => sort !== 'nullish')

  const heldBy = (type: CheckedType | undefined, depth = 0): KnownDefinition | undefined =>
    type && depth <= deepest && mayHold(type) ? heldAt(type, depth) : undefined
  const askHeld = (type: CheckedType, depth: number): KnownDefinition | undefined => {
    const kin = view.kinOf(type)
    if (kin) return kin
    if (type.sort === 'union') return firstOf(parts(type), (part) => heldBy(part, depth))
    if (type.sort === 'parameter') return heldBy(project.constraintOf(type), depth + 1)
    const contained = argumentsOf(type)
    if (contained.length > 0) return firstOf(contained, (one) => heldBy(one, depth + 1))
    const held = (one: CheckedType): KnownDefinition | undefined => heldBy(one, depth + 1)
    return firstOf(
      [
        () => firstOf(depth === 0 ? resultsOf(type) : [], held),
        () => firstOf(indexOf(type), held),
        // A property that holds functions is asked where a value is put into it.
        () => firstOf(propertiesOf(type), (property) => held(property.type)),
      ],
      (look) => look(),
    )
  }
  const heldAt = remembered(undefined, askHeld)
  const demandedBy = (type: CheckedType | undefined): KnownDefinition | undefined => {
    if (!type || type.sort !== 'union') return heldBy(type)
    const held = parts(type).flatMap((part) => (part.sort === 'primitive' ? [] : [heldBy(part)]))
    return held.every((member) => member !== undefined) ? held[0] : undefined
  }

  const gapIn = (source: CheckedType, target: CheckedType, isOpen: IsOpen, depth = 0): KnownDefinition | undefined => {
    if (source.id === target.id) return undefined
    const demanded = depth === 0 ? demandedBy(target) : heldBy(target, depth)
    if (!demanded) return undefined
    const kin = view.kinOf(target)
    if (source.sort === 'union' && source.sort !== target.sort)
      return firstOf(parts(source), (part) => gapIn(part, target, isOpen, depth))
    if (kin && (target.sort !== 'union' || parts(target).every((part) => view.kinOf(part))))
      return firstOf(parts(source), (part) => (isOpen(part, target) ? kin : undefined))
    if (source.sort === 'any' || source.sort === 'unknown' || source.sort === 'error')
      return isOpen(source, target) ? demanded : undefined
    if (source.sort === 'union' || target.sort === 'union') return gapInUnion(source, target, isOpen, depth)
    if (source.sort === 'parameter') {
      const constraint = project.constraintOf(source)
      return constraint ? gapIn(constraint, target, isOpen, depth) : undefined
    }
    return gapInside(source, target, isOpen, depth + 1)
  }
  /** A part of the value goes to the members of its own form: a promise to a promise. */
  const gapInUnion = (
    source: CheckedType,
    target: CheckedType,
    isOpen: IsOpen,
    depth: number,
  ): KnownDefinition | undefined =>
    firstOf(parts(source), (part) => {
      const gaps = parts(target).map(
        (wanted) => (heldBy(wanted, depth) && gapIn(part, wanted, isOpen, depth)) ?? isOther(part, wanted),
      )
      return gaps.every((gap) => gap !== undefined) ? gaps.find((gap) => typeof gap === 'object') : undefined
    })
  /** `true` when the value cannot have been meant for this member. */
  const isOther = (part: CheckedType, wanted: CheckedType): true | undefined =>
    part.sort !== 'any' && project.isAssignable(part, wanted) ? undefined : true

  const gapInside = (
    source: CheckedType,
    target: CheckedType,
    isOpen: IsOpen,
    depth: number,
  ): KnownDefinition | undefined => {
    if (depth > deepest) return undefined
    const [given, wanted] = [argumentsOf(source), argumentsOf(target)]
    if (wanted.length > 0) {
      if (given.length === 0) return isOpen(undefined, target) ? heldBy(target, depth - 1) : undefined
      return firstOf(wanted, (one, at) => {
        const part = given[given.length === wanted.length ? at : given.length - 1]
        return part ? gapIn(part, one, isOpen, depth) : undefined
      })
    }
    const results = resultsOf(target)
    if (results.length > 0) {
      const own = resultsOf(source)
      const made = own.at(-1)
      return made
        ? firstOf(results, (result) => gapIn(made, result, isOpen, depth))
        : isOpen(undefined, target)
          ? firstOf(results, (result) => heldBy(result, depth))
          : undefined
    }
    const sourceProperties = new Map(project.propertiesOf(source).map((property) => [property.name, property]))
    for (const wantedType of indexOf(target)) {
      const values = [...indexOf(source), ...[...sourceProperties.values()].map(({ type }) => type)]
      const gap = firstOf(values, (value) => gapIn(value, wantedType, isOpen, depth))
      if (gap) return gap
    }
    return firstOf(propertiesOf(target), ({ name, type, optional }) => {
      const member = heldBy(type, depth)
      if (!member) return undefined
      const own = sourceProperties.get(name)
      if (own) return gapIn(own.type, type, isOpen, depth)
      // A literal without an optional property does not claim it.
      return !(optional && source.fromLiteral) && isOpen(undefined, type) ? member : undefined
    })
  }
  return { heldBy, demandedBy, gapIn, propertiesOf, argumentsOf, callSignaturesOf, isForeign, signaturesOf }
}

const mayHold = ({ sort }: CheckedType): boolean =>
  sort === 'object' || sort === 'union' || sort === 'intersection' || sort === 'parameter'
