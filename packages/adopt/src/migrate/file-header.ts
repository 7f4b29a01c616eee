/**
 * The comment that a file begins with and that is about the file: a licence, a module comment.
 */
import type { SyntaxTree } from '../engine/syntax.ts'

type Range = { readonly start: number; readonly end: number }

/** First comments that are set off by an empty line, or that speak of a licence or of the file. */
export const headerOf = ({ text, comments }: SyntaxTree): Range | undefined => {
  const start = /^#!.*\r?\n/.exec(text)?.[0].length ?? 0
  let header: Range | undefined
  for (const one of comments) {
    const gap = text.slice(header?.end ?? start, one.start)
    if (gap.trim() !== '') break
    // Lines of one comment stand under each other; another block is another comment.
    const goesOn = header !== undefined && /^\r?\n[ \t]*$/.test(gap) && text.startsWith('//', one.start)
    if (header !== undefined && !goesOn) break
    header = { start: header?.start ?? one.start, end: one.end }
  }
  if (!header) return undefined
  const isSetOff = /^[ \t]*\r?\n[ \t]*\r?\n/.test(text.slice(header.end))
  return isSetOff || aboutTheFile.test(text.slice(header.start, header.end)) ? header : undefined
}

const aboutTheFile = /^\/\*!|licen[sc]e|copyright|\u00a9|SPDX|@file\b|@fileoverview|@module\b|@packageDocumentation/i
