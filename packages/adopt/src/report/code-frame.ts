/**
 * The source around a site, with line numbers and a mark under it. Text only: each format paints or escapes it itself.
 */
import { toPrintable, type Paint } from './paint.ts'

/** Where to point: 1-based line and column in UTF-16 code units, and the length of the site. */
export type FramePlace = { readonly line: number; readonly column: number; readonly length: number }

const linesAbove = 2
const linesBelow = 1
const widest = 160

/** A frame of at most four lines and the mark. Empty when the file is shorter than the place says. */
export const toCodeFrame = (source: string, { line, column, length }: FramePlace, paint: Paint): string => {
  const lines = source.split(/\r?\n/)
  const marked = lines[line - 1]
  if (marked === undefined) return ''
  const first = Math.max(1, line - linesAbove)
  const last = Math.min(lines.length, line + linesBelow)
  const gutter = String(last).length
  return lines
    .slice(first - 1, last)
    .flatMap((text, index) => {
      const number = first + index
      const isMarked = number === line
      const row = `${paint.dim(`${isMarked ? '>' : ' '} ${String(number).padStart(gutter)} |`)} ${shorten(text)}`
      return isMarked
        ? [row, `${paint.dim(`  ${' '.repeat(gutter)} |`)} ${paint.red(mark(marked, column, length))}`]
        : [row]
    })
    .map((row) => row.trimEnd())
    .join('\n')
}

// Tabs stay as one blank, so that the mark stands under the site.
const shorten = (text: string): string => {
  const flat = toPrintable(text).replaceAll('\t', ' ')
  return flat.length > widest ? `${flat.slice(0, widest)} …` : flat
}

const mark = (text: string, column: number, length: number): string => {
  const room = Math.max(1, Math.min(text.length, widest) - column + 1)
  return column > widest ? '' : `${' '.repeat(column - 1)}${'^'.repeat(Math.max(1, Math.min(length, room)))}`
}
