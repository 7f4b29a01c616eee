/**
 * Answers of a program about one file as they stand in the cache, and back. What they say about other files holds only
 * for the texts that those had.
 */
import type { FileAnswers } from '../file-answers.ts'
import type { KnownDefinition } from '../known-definition.ts'

/** `member` is a place in the family; `others` are files that an answer points into, with their digests. */
export type StoredAnswers = Omit<FileAnswers, 'factories'> & {
  readonly factories: readonly (Omit<FileAnswers['factories'][number], 'member'> & { readonly member: number })[]
  readonly others: readonly (readonly [file: string, digest: string])[]
}

export const toStored = (
  file: string,
  answers: FileAnswers,
  family: readonly KnownDefinition[],
  digestOf: (file: string) => string | undefined,
): StoredAnswers => {
  const named = [
    ...[...answers.direct, ...answers.flows, ...answers.discovered].flatMap((site) => [
      site.file,
      ...site.reportedAt.map((place) => place.file),
    ]),
    ...answers.calls.flatMap(({ called }) => called.map((place) => place.slice(0, place.lastIndexOf(':')))),
  ]
  const others = [...new Set(named)].filter((one) => one !== file)
  return {
    ...answers,
    factories: answers.factories.map((factory) => ({ ...factory, member: family.indexOf(factory.member) })),
    others: others.map((other) => [other, digestOf(other) ?? '']),
  }
}

/** Undefined when another file that the answers point into has changed. */
export const fromStored = (
  { others, factories, ...answers }: StoredAnswers,
  family: readonly KnownDefinition[],
  digestOf: (file: string) => string | undefined,
): FileAnswers | undefined =>
  others.every(([file, digest]) => (digestOf(file) ?? '') === digest) &&
  factories.every(({ member }) => family[member] !== undefined)
    ? { ...answers, factories: factories.map((factory) => ({ ...factory, member: family[factory.member]! })) }
    : undefined
