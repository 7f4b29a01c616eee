/**
 * Asks what a call past a type would have been asked for: the function's own parameters, the field's own type.
 */
import type { CheckedType, NodeSpan } from '../engine/checker.ts'
import { anySite } from './any-site.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { accepts, findInOverloads, parameterAt, signaturesFor } from './signature-places.ts'
import type { Site } from './site.ts'

/** Values that reach a place of the type by a call or an assignment that the compiler does not compare. */
export const askDetours = (questions: Questions): Site[] => {
  const { project, held, files } = questions
  const detours = files.flatMap(({ file, detours }) => detours.map((detour) => ({ ...detour, file })))
  const objects = project.typesAt(detours.map(({ file, object }): NodeSpan => ({ file, ...object })))
  return detours.flatMap(({ file, member, form, values, enclosing }, at): Site[] => {
    const object = objects[at]
    if (!object || object.sort === 'any' || object.sort === 'error') return []
    const wanted =
      member === undefined ? object : project.propertiesOf(object).find(({ name }) => name === member)?.type
    if (!wanted) return []
    const spans = values.map((value): NodeSpan => ({ file, ...value }))
    const typesOf = (places: readonly (CheckedType | undefined)[]): readonly (CheckedType | undefined)[] =>
      // Most indirect calls are of functions that take no context: their values are not asked about.
      places.some((place) => held.heldBy(place)) ? project.typesAt(spans) : []
    const isPlain = (type: CheckedType): boolean => project.membersOf(type).every(({ sort }) => sort === 'primitive')
    // An indirect call is still compared, and a whole object has fields of its own: only what is `any` passes.
    const isCompared = form === 'indirect' || form === 'assign'
    const gapsIn = (types: ReturnType<typeof typesOf>, placeAt: (at: number) => CheckedType | undefined): Gap[] =>
      spans.flatMap((span, index): Gap[] => {
        const [type, place] = [types[index], placeAt(index)]
        if (!type || !place || type.sort === 'nullish' || held.heldBy(type)) return []
        // `Ctx | 'system'`: the text is what the place takes beside a context.
        if (isPlain(type) && project.isAssignable(type, place)) return []
        const found = isAny(type) || isCompared ? held.gapIn(type, place, isAny) : held.demandedBy(place)
        return found ? [{ span, member: found }] : []
      })
    const toSites = (gaps: readonly Gap[]): Site[] =>
      gaps.map(({ span, member }) => anySite({ ...span, enclosing }, member.raw.name, questions))
    if (form === 'set' || form === 'assign') return toSites(gapsIn(typesOf([wanted]), () => wanted))
    const signatures = signaturesFor(held.signaturesOf(wanted), values.length)
    const types = typesOf(signatures.flatMap(({ parameters }) => parameters))
    const found = findInOverloads(
      signatures,
      (one) => nonEmpty(gapsIn(types, (at) => parameterAt(one, at, project))),
      (one) => accepts(one, types, project),
    )
    return toSites(found ?? [])
  })
}

type Gap = { readonly span: NodeSpan; readonly member: KnownDefinition }

const nonEmpty = (gaps: readonly Gap[]): readonly Gap[] | undefined => (gaps.length > 0 ? gaps : undefined)

const isAny = (part: CheckedType | undefined): boolean => part?.sort === 'any'
