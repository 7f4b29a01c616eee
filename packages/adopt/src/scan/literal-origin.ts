/**
 * Finds the literal behind a value that travels to a place where the type is expected.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { FileFacts, Span } from './file-facts.ts'
import type { Placed } from './placed.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

/**
 * The literal behind a travelling type is the site, however many flows it reaches; each of them may be where tsc
 * reports it.
 * `toOriginal` undoes the shift of offsets in a sealed file.
 */
export const addOrigin = (
  origins: Map<string, Site>,
  type: CheckedType,
  flow: { readonly file: string; readonly placed: Placed },
  name: string,
  { project, factsOf }: Pick<Questions, 'project' | 'factsOf'>,
  toOriginal: (file: string, offset: number) => number = (_, offset) => offset,
): void => {
  for (const declaration of project.symbolOf(type)?.declarations ?? []) {
    const { file } = declaration
    const start = toOriginal(file, declaration.start)
    const facts = factsOf(file)
    const literal = facts?.literals.find(({ node }) => node.start === start)
    if (
      !facts ||
      !literal ||
      facts.isGenerated ||
      literal.placed.position === 'cast' ||
      literal.placed.position === 'satisfies'
    )
      continue
    const key = `${flow.file}:${file}:${start}`
    const known = origins.get(key)
    const reportedAt = [...(known?.reportedAt ?? []), { ...flow.placed, file: flow.file }]
    const kind =
      literal.placed.position !== 'return'
        ? 'literal-untyped'
        : isInferredReturn(facts, literal)
          ? 'literal-inferred-return'
          : 'literal-return'
    origins.set(key, {
      ...placeIn(literal, file),
      kind,
      type: known?.type ?? name,
      enclosing: literal.enclosing,
      reportedAt,
    })
  }
}

const isInferredReturn = ({ functions }: FileFacts, literal: Span): boolean => {
  const holders = functions.filter(({ start, end }) => start <= literal.start && end >= literal.end)
  const innermost = holders.sort((a, b) => b.start - a.start)[0]
  return innermost !== undefined && innermost.returnTypes === undefined
}
