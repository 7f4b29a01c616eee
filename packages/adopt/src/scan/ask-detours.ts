/**
 * Asks what a call past a type would have been asked for: the function's own parameters, the field's own type.
 */
import type { CheckedType, NodeSpan } from '../engine/checker.ts'
import { anySite } from './any-site.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

const isAny = (part: CheckedType | undefined): boolean => part?.sort === 'any'

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
    const isWrite = form === 'set' || form === 'assign'
    const parameters = isWrite ? [wanted] : (held.signaturesOf(wanted)[0]?.parameters ?? [])
    const spans = values.map((value): NodeSpan => ({ file, ...value }))
    // Most indirect calls are of functions that take no context: their values are not asked about.
    const types = parameters.some((one) => held.heldBy(one)) ? project.typesAt(spans) : []
    return spans.flatMap((span, index): Site[] => {
      const [type, place] = [types[index], parameters[index]]
      if (!type || !place || type.sort === 'nullish' || held.heldBy(type)) return []
      // An indirect call is still compared, and a whole object has fields of its own: only what is `any` passes.
      const isCompared = form === 'indirect' || form === 'assign'
      const found = isAny(type) || isCompared ? held.gapIn(type, place, isAny) : held.demandedBy(place)
      return found ? [anySite({ ...span, enclosing }, found.raw.name, questions)] : []
    })
  })
}
