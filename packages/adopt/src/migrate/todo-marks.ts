/**
 * Marks at the places that are left: one comment line above, found again by the next run and never doubled.
 */
import type { SyntaxTree } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'
import type { TextEdit } from './text-edit.ts'

/** What every mark begins with: grep for it to see what is left. */
export const markStart = 'TODO(user-execution-context):'

/** A mark to set. `directive` adds `@ts-expect-error`: the line then compiles, and tsc says when it may go. */
export type Mark = {
  readonly offset: number
  readonly reason: string
  readonly callers: readonly string[]
  readonly directive?: boolean
  /** It says why something else stays: left out where a site of the same line has a reason of its own. */
  readonly isAside?: boolean
}

/**
 * Edits that set the marks of one file, in the text that `tree` was parsed from. A line that is marked already is left
 * alone.
 */
export const toMarkEdits = (tree: SyntaxTree, marks: readonly Mark[], lineEnd: string): TextEdit[] => {
  const byLine = new Map<number, Mark[]>()
  for (const mark of marks) {
    const start = safeLineStart(tree, mark.offset)
    byLine.set(start, [...(byLine.get(start) ?? []), mark])
  }
  return [...byLine].flatMap(([start, own]) => {
    const above = commentLinesAbove(tree.text, start)
    const indent = /^[ \t]*/.exec(tree.text.slice(start))![0]
    const isMarked = above.some((line) => line.includes(markStart))
    const todo = isMarked ? [] : onePerReason(own).map(printMark)
    const needsDirective =
      own.some((mark) => mark.directive) && !above.some((line) => line.includes('@ts-expect-error'))
    const lines = [...todo, ...(needsDirective ? ['// @ts-expect-error'] : [])]
    return lines.length === 0
      ? []
      : [{ start, end: start, text: lines.map((line) => `${indent}${line}${lineEnd}`).join('') }]
  })
}

/** Whether the line of an offset carries a mark already. */
export const isMarked = (tree: SyntaxTree, offset: number): boolean =>
  commentLinesAbove(tree.text, safeLineStart(tree, offset)).some((line) => line.includes(markStart))

/** Offset of the first character of a line. */
export const lineStart = (text: string, offset: number): number =>
  offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1

/** The comment of one mark, without indent and line end. */
export const printMark = ({ reason, callers }: Pick<Mark, 'reason' | 'callers'>): string => {
  const shown = callers.slice(0, 3).join(', ')
  const more = callers.length > 3 ? ` and ${callers.length - 3} more` : ''
  return `// ${markStart} ${reason}${callers.length > 0 ? ` (called from ${shown}${more})` : ''}`
}

/** The marks of one line, and of several sorts those of the one that says most: the site, what stays, the directive. */
const onePerReason = (marks: readonly Mark[]): Pick<Mark, 'reason' | 'callers'>[] => {
  const rank = ({ directive, isAside }: Mark): number => (directive ? 2 : isAside ? 1 : 0)
  const first = Math.min(...marks.map(rank))
  const callers = new Map<string, Set<string>>()
  for (const mark of marks.filter((one) => rank(one) === first))
    callers.set(mark.reason, new Set([...(callers.get(mark.reason) ?? []), ...mark.callers]))
  return [...callers].map(([reason, own]) => ({ reason, callers: [...own] }))
}

/**
 * Start of the line, or of the line where the template text or JSX around the offset begins: a comment there would be
 * content.
 */
function safeLineStart(tree: SyntaxTree, offset: number): number {
  let start = lineStart(tree.text, offset)
  walkNodes(tree.program, (node) => {
    const isText = node.type === 'TemplateLiteral' || node.type === 'JSXElement' || node.type === 'JSXFragment'
    if (isText && node.start < start && start < node.end) start = lineStart(tree.text, node.start)
    return node.start <= offset && node.end >= offset
  })
  return start
}

function commentLinesAbove(text: string, start: number): string[] {
  const lines: string[] = []
  for (let end = start; end > 0;) {
    const from = lineStart(text, end - 1)
    const line = text.slice(from, end).trim()
    if (!line.startsWith('//')) break
    lines.push(line)
    end = from
  }
  return lines
}
