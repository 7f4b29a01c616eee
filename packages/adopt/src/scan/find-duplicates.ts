/**
 * Sorts every definition of the tree by what it is beside the canonical one.
 */
import type { CheckerProject } from '../engine/checker.ts'
import { classOfOtherName, classOfSameName } from './compare-definitions.ts'
import { keyOf, type KnownDefinition } from './known-definition.ts'
import type { DuplicateFact } from './scan-result.ts'
import { shapeScore, weighNames } from './shape-score.ts'

export type Duplicate = {
  readonly definition: KnownDefinition
  readonly kind: DuplicateFact['kind']
  readonly score: number
  readonly proof: DuplicateFact['proof']
  /** The family member that it was compared with. */
  readonly pair: KnownDefinition
  /** Named by the user and sealed: a single source of its own, whose forgeries are sites. */
  readonly isSource?: boolean
}

/** Assignability both ways as the checker proves it; undefined when no program sees both. */
export type Prove = (canonical: KnownDefinition, here: KnownDefinition) => DuplicateFact['proof']

/** @param named definitions that the user named beside the canonical one: theirs whatever the score says */
export const findDuplicates = (
  canonical: KnownDefinition,
  known: readonly KnownDefinition[],
  named: readonly KnownDefinition[],
  prove: Prove,
): Duplicate[] => {
  const weigh = weighNames(known.map(({ names }) => names))
  const others = known.filter((entry) => !isSame(entry, canonical) && !entry.generated)
  const sameName = others
    .filter(({ raw }) => raw.name === canonical.raw.name)
    .map((definition): Duplicate => {
      const proof = prove(canonical, definition)
      return {
        definition,
        kind: classOfSameName(canonical, definition, proof),
        score: shapeScore(canonical.names, definition.names, weigh),
        proof,
        pair: canonical,
      }
    })
  const family = [
    canonical,
    ...sameName.filter(({ kind }) => kind !== 'definition-collision').map(({ definition }) => definition),
  ]
  const rest = others.filter(({ raw }) => raw.name !== canonical.raw.name)
  const otherName = rest.flatMap((definition): Duplicate[] => {
    if (named.some((entry) => isSame(entry, definition))) {
      return [
        {
          definition,
          kind: 'definition-shape',
          score: shapeScore(canonical.names, definition.names, weigh),
          proof: prove(canonical, definition),
          pair: canonical,
        },
      ]
    }
    if (isKin(definition, family)) return []
    const found = classOfOtherName(family, definition, weigh)
    return found ? [{ definition, ...found, proof: undefined }] : []
  })
  const isSource = ({ definition }: Duplicate): boolean =>
    definition.raw.isSealed === true && named.some((entry) => isSame(entry, definition))
  return [...sameName, ...otherName].map((one) => (isSource(one) ? { ...one, isSource: true } : one))
}

/** Types whose constructions are sites: the canonical one and every duplicate that is no collision and no suspect. */
export const familyOf = (canonical: KnownDefinition, duplicates: readonly Duplicate[]): KnownDefinition[] => [
  canonical,
  ...duplicates
    .filter(({ kind }) => kind !== 'definition-collision' && kind !== 'definition-suspect')
    .map(({ definition }) => definition),
]

/** Asks the first program that sees both definitions. */
export const proveIn =
  (projects: readonly CheckerProject[]): Prove =>
  (canonical, here) => {
    for (const project of projects) {
      const [a, b] = project.typesAt([canonical, here].map(({ file, raw }) => ({ file, ...raw.nameSpan })))
      if (a && b) return { toCanonical: project.isAssignable(b, a), fromCanonical: project.isAssignable(a, b) }
    }
    return undefined
  }

const isSame = (a: KnownDefinition, b: KnownDefinition): boolean => a.file === b.file && a.raw.start === b.raw.start

/** What extends a member, is extended by one, or is what its constructor takes, repeats its fields by right. */
const isKin = (definition: KnownDefinition, family: readonly KnownDefinition[]): boolean => {
  const own = keyOf(definition.file, definition.raw.name)
  return family.some(
    (member) =>
      definition.ancestors.has(keyOf(member.file, member.raw.name)) ||
      member.ancestors.has(own) ||
      member.inputs.has(own),
  )
}
