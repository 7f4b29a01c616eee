/**
 * Which comments of a literal belong to which field, and how the literal is laid out: new text keeps both.
 */
import type { Node, SyntaxTree } from '../engine/syntax.ts'

/** Comments of one field: those on lines of their own before it, and the one behind it on its line. */
export type FieldComments = { readonly lead: readonly string[]; readonly trail: readonly string[] }

/** How a literal is written. */
export type LiteralLayout = {
  readonly isMultiLine: boolean
  /** Indent of the line that closes the literal, and of its fields. */
  readonly base: string
  readonly inner: string
  readonly hasTrailingComma: boolean
  /** By the field's value. */
  readonly comments: ReadonlyMap<Node, FieldComments>
}

/** One line, no comments: for what is no literal. */
export const plainLayout: LiteralLayout = {
  isMultiLine: false,
  base: '',
  inner: '',
  hasTrailingComma: false,
  comments: new Map(),
}

/** Reads the layout of an object literal. */
export const readLayout = ({ text, comments }: SyntaxTree, literal: Node): LiteralLayout => {
  if (literal.type !== 'ObjectExpression' || literal.properties.length === 0) return plainLayout
  const { properties } = literal
  const isMultiLine = text.slice(literal.start, properties[0]!.start).includes('\n')
  const found = new Map<Node, { lead: string[]; trail: string[] }>()
  const of = (node: Node): { lead: string[]; trail: string[] } => {
    const own = found.get(node) ?? { lead: [], trail: [] }
    found.set(node, own)
    return own
  }
  for (const { start, end } of comments) {
    if (start < literal.start || end > literal.end) continue
    const comment = text.slice(start, end)
    const inside = properties.find((one) => one.start <= start && end <= one.end)
    if (inside) {
      if (inside.type === 'Property' && end <= inside.value.start) of(inside.value).lead.push(comment)
      continue
    }
    const before = properties.findLast((one) => one.end <= start)
    const after = properties.find((one) => one.start >= end)
    const isLastOnLine = after === undefined || text.slice(end, after.start).includes('\n')
    const isBehind = before !== undefined && isLastOnLine && !text.slice(before.end, start).includes('\n')
    const owner = isBehind ? before : (after ?? before)
    if (owner?.type !== 'Property') continue
    of(owner.value)[isBehind || !after ? 'trail' : 'lead'].push(comment)
  }
  return {
    isMultiLine,
    base: indentOf(text, literal.end),
    inner: indentOf(text, properties[0]!.start),
    hasTrailingComma: /^\s*(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/)*\s*,/.test(text.slice(properties.at(-1)!.end, literal.end)),
    comments: found,
  }
}

const indentOf = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))![0]

/** A comment for the middle of a line: `// why` becomes `/* why *\/`. Directives for the compiler are left out. */
export const toInlineComment = (comment: string): string => {
  const words = comment
    .replace(/^\/\/|^\/\*+|\*\/$/g, '')
    .replace(/\s*\n\s*\*?\s*/g, ' ')
    .trim()
  return words === '' || words.includes('*/') || words.startsWith('@ts-') ? '' : `/* ${words} */ `
}
