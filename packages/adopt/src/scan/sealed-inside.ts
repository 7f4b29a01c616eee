/**
 * Finds literals of a type that carries a sealed context beside other things: such a literal is as good as the
 * member that it is given. One whose member is anything else than a sealed context is a site like all others.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { FileAnswers } from './file-answers.ts'
import type { Questions } from './questions.ts'
import { ownType } from './select-canonical.ts'
import type { Site } from './site.ts'

/** @param sites of the program that the questions are about; those that are sealed are marked */
export const markSealed = (sites: readonly Site[], { project, family, files }: Questions): readonly Site[] => {
  const members = new Map<string, string>()
  for (const { raw, fields } of family)
    for (const { name, type } of fields) if (isSealedType(type)) members.set(raw.name, name)
  if (members.size === 0) return sites
  const literals = new Map(files.map((facts) => [facts.file, facts.literals]))
  const hasProperty = (type: CheckedType, member: string): boolean =>
    project.propertiesOf(type).some(({ name }) => name === member)
  const isSealed = ({ file, start, end, kind, type }: Site): boolean => {
    const member = kind.startsWith('literal') ? members.get(type) : undefined
    const literal = literals.get(file)?.find((one) => one.start === start && one.end === end)
    if (member === undefined || !literal) return false
    const span = { file, ...literal.node }
    const [placed] = project.contextualTypes([span])
    // A place of another type of that name, such as the sealed type itself, takes no member for the whole.
    if (placed && !project.membersOf(placed).some((part) => hasProperty(part, member))) return false
    const [own] = project.typesAt([span])
    const given = own && project.propertiesOf(own).find(({ name }) => name === member)?.type
    // A class with a private member: nothing else has its type.
    return given?.sort === 'object' && project.symbolOf(given)?.name === ownType
  }
  return sites.map((site) => (isSealed(site) ? { ...site, isSealed: true } : site))
}

type View = Pick<Questions, 'project' | 'view'>

/**
 * Whether a value is the sealed context itself, in the place of a definition that has its fields and stays: it is no
 * look-alike, for a factory made it. A class with a private member: nothing else has its type, whatever its name.
 */
export const isSealedValue = (type: CheckedType, { project }: Pick<View, 'project'>): boolean =>
  project
    .membersOf(type)
    .some(
      (part) =>
        part.sort === 'object' &&
        project.symbolOf(part)?.name === ownType &&
        project.propertiesOf(part).some(({ hidden }) => hidden),
    )

/** Whether a value is a context, the sealed one or one of the family, or nothing. */
export const isContext = (type: CheckedType, { project, view }: View): boolean =>
  project
    .membersOf(type)
    .every((part) => part.sort === 'nullish' || isSealedValue(part, { project }) || view.kinOf(part) !== undefined)

/** Leaves them out, also where another program or another place sees the same literal. */
export const withoutSealed = (sites: readonly Site[], answers: readonly FileAnswers[]): Site[] => {
  const sealed = new Set(
    answers.flatMap(({ direct, flows }) => [...direct, ...flows].filter((site) => site.isSealed).map(placeOf)),
  )
  return sites.filter((site) => !sealed.has(placeOf(site)))
}

const placeOf = ({ file, start, end }: Site): string => `${file}:${start}:${end}`

/** Whether a type, as a definition writes it, is the sealed one. */
export const isSealedType = (type: string): boolean => sealedType.test(type.trim())

const sealedType = new RegExp(`^(?:Sealed)?${ownType}$`)
