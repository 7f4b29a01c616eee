/**
 * The types whose constructions are sites, as one program sees them.
 */
import type { CheckedType, CheckerProject } from '../engine/checker.ts'
import { skipTrivia } from '../engine/node-index.ts'
import type { KnownDefinition } from './known-definition.ts'
import { firstOf } from './look-on.ts'
import { remembered } from './remembered.ts'

/** One program's view of the family. Valid until the checker is updated. */
export type FamilyView = {
  /** The member that a value of this type is: the type, a union or intersection with it, a parameter bound to it. */
  readonly memberOf: (type: CheckedType | undefined) => KnownDefinition | undefined
  /** The member that a place of this type takes, nothing else beside null, undefined and promises of it. */
  readonly expectedBy: (type: CheckedType | undefined) => KnownDefinition | undefined
  /** `memberOf`, promises opened. */
  readonly returnedBy: (type: CheckedType | undefined) => KnownDefinition | undefined
  readonly typeOf: (member: KnownDefinition) => CheckedType | undefined
  /** `memberOf`, and the member that a class or interface extends. */
  readonly kinOf: (type: CheckedType | undefined) => KnownDefinition | undefined
  /** Names of every property of a member, methods and inherited ones included. */
  readonly propertyNames: readonly ReadonlySet<string>[]
  /** Ids of the classes and interfaces that a type extends, itself included. */
  readonly lineage: (type: CheckedType) => ReadonlySet<number>
}

/**
 * @param textOf text of a file as the program sees it, to see which definitions take type parameters
 * @param toSeen where an offset of the text on disk stands in that text
 */
export const viewFamily = (
  project: CheckerProject,
  family: readonly KnownDefinition[],
  textOf: (file: string) => string,
  toSeen: (file: string, offset: number) => number = (_, offset) => offset,
): FamilyView => {
  const names = family.map(({ file, raw: { nameSpan } }) => ({
    file,
    start: toSeen(file, nameSpan.start),
    end: toSeen(file, nameSpan.end),
  }))
  const types = project.typesAt(names)
  const byId = new Map<number, KnownDefinition>()
  family.forEach((member, at) => types[at] && types[at].sort !== 'error' && byId.set(types[at].id, member))
  const generic = family.filter(
    (_, at) => textOf(names[at]!.file)[skipTrivia(textOf(names[at]!.file), names[at]!.end)] === '<',
  )
  const once = (
    ask: (type: CheckedType) => KnownDefinition | undefined,
  ): ((type: CheckedType | undefined) => KnownDefinition | undefined) => {
    const answerOf = remembered(undefined, ask)
    return (type) =>
      !type || type.sort === 'primitive' || type.sort === 'any' || type.sort === 'error' ? undefined : answerOf(type)
  }
  const bySymbol = (type: CheckedType): KnownDefinition | undefined => {
    if (generic.length === 0 || type.sort !== 'object' || type.fromLiteral) return undefined
    const places = project.symbolOf(type)?.declarations ?? []
    return generic.find(({ file, raw }) =>
      places.some((place) => place.file === file && place.end === toSeen(file, raw.end)),
    )
  }
  const promised = (type: CheckedType): CheckedType | undefined => {
    if (type.sort !== 'object' || type.fromLiteral) return undefined
    const name = project.symbolOf(type)?.name
    return name === 'Promise' || name === 'PromiseLike' ? project.typeArgumentsOf(type)[0] : undefined
  }
  const memberOf = once((type): KnownDefinition | undefined => {
    const direct = byId.get(type.id)
    if (direct) return direct
    if (type.sort === 'union' || type.sort === 'intersection') return firstOf(project.membersOf(type), memberOf)
    if (type.sort === 'parameter') return memberOf(project.constraintOf(type))
    return bySymbol(type)
  })
  const returnedBy = once((type): KnownDefinition | undefined => {
    if (type.sort === 'union') return memberOf(type) ?? firstOf(project.membersOf(type), returnedBy)
    return memberOf(type) ?? returnedBy(promised(type))
  })
  const expectedBy = once((type): KnownDefinition | undefined => {
    if (type.sort !== 'union') return memberOf(type)
    const wanted = project.membersOf(type).filter(({ sort }) => sort !== 'nullish')
    const members = wanted.map((part) => memberOf(part) ?? memberOf(promised(part)))
    return members.every((member) => member !== undefined) ? members[0] : undefined
  })
  const lineage = (type: CheckedType): ReadonlySet<number> => {
    const ids = new Set<number>()
    const climb = (one: CheckedType): void => {
      if (ids.has(one.id)) return
      ids.add(one.id)
      if (one.sort === 'object' && !one.fromLiteral) project.baseTypesOf(one).forEach(climb)
      if (one.sort === 'intersection') project.membersOf(one).forEach(climb)
    }
    climb(type)
    return ids
  }
  const kinOf = once((type): KnownDefinition | undefined => {
    const member = memberOf(type)
    if (member || type.fromLiteral) return member
    if (type.sort === 'union' || type.sort === 'intersection') return firstOf(project.membersOf(type), kinOf)
    return type.sort === 'object' ? firstOf(project.baseTypesOf(type), kinOf) : undefined
  })
  const propertyNames = types.flatMap((type) =>
    type && type.sort !== 'error' ? [new Set(project.propertiesOf(type).map(({ name }) => name))] : [],
  )
  const typeOf = (member: KnownDefinition): CheckedType | undefined => types[family.indexOf(member)]
  return { memberOf, expectedBy, returnedBy, typeOf, kinOf, propertyNames, lineage }
}
