/**
 * Compares two definitions: which class of duplicate they are, and how they differ field by field.
 * "Equal" needs the checker's proof and the same fields; a name alone proves nothing.
 */
import type { RawField } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { DuplicateFact, FieldDifference } from './scan-result.ts'
import { type NameWeights, normaliseName, shapeScore } from './shape-score.ts'

/** Fewer shared fields than this are chance, whatever the score. */
const leastShared = 3

/** Class of a definition of the same name. Undefined proof: the checker was not asked, so nothing is called equal. */
export const classOfSameName = (
  canonical: KnownDefinition,
  here: KnownDefinition,
  proof: DuplicateFact['proof'],
): DuplicateFact['kind'] => {
  const shared = sharedNames(canonical.names, here.names)
  if (shared === 0) return 'definition-collision'
  const sameFields = shared === canonical.names.size && shared === here.names.size
  return proof?.toCanonical === true && proof.fromCanonical && sameFields ? 'definition-equal' : 'definition-overlap'
}

/** Class of a definition of another name, by the best score against the family; undefined when it is something else. */
export const classOfOtherName = (
  family: readonly KnownDefinition[],
  here: KnownDefinition,
  weigh: NameWeights,
): { kind: DuplicateFact['kind']; score: number; pair: KnownDefinition } | undefined => {
  let best: { score: number; pair: KnownDefinition } | undefined
  for (const member of family) {
    if (sharedNames(member.names, here.names) < leastShared) continue
    const score = shapeScore(member.names, here.names, weigh)
    if (!best || score > best.score) best = { score, pair: member }
  }
  if (!best || best.score < 0.5) return undefined
  return { ...best, kind: best.score >= 0.8 ? 'definition-shape' : 'definition-suspect' }
}

/** Both columns side by side, equal rows included. A field under another spelling is one row, `renamed`. */
export const differenceOf = (canonical: KnownDefinition, here: KnownDefinition): FieldDifference[] => {
  const left = new Map(here.fields.map((field) => [normaliseName(field.name), field]))
  const rows = canonical.fields.map((field): FieldDifference => {
    const other = left.get(normaliseName(field.name))
    left.delete(normaliseName(field.name))
    return { field: field.name, verdict: verdictOf(field, other), canonical: plain(field), here: plain(other) }
  })
  return [
    ...rows,
    ...[...left.values()].map((field): FieldDifference => ({
      field: field.name,
      verdict: 'only-here',
      canonical: undefined,
      here: plain(field),
    })),
  ]
}

const verdictOf = (field: RawField, other: RawField | undefined): FieldDifference['verdict'] => {
  if (!other) return 'only-canonical'
  if (other.name !== field.name) return 'renamed'
  if (typeText(other.type) !== typeText(field.type)) return 'type'
  return other.optional === field.optional ? 'same' : 'optional'
}

const plain = (field: RawField | undefined): FieldDifference['here'] =>
  field && { name: field.name, type: field.type.replace(/\s+/g, ' '), optional: field.optional }

const typeText = (type: string): string => type.replace(/\s+/g, '').split('|').sort().join('|')

const sharedNames = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  [...a].filter((name) => b.has(name)).length
