/**
 * The sites in the form in which the page carries them: columns of indexes into shared words, a tenth of plain JSON.
 */
import { kindGuide } from '../../kind-guide.ts'
import { toPrintable } from '../paint.ts'
import type { ReportSite } from '../report.ts'

/** Data block of the page. A row is [kind, file, line, column, type, enclosing, status, heldBy, text, reason]. */
export type PageData = {
  readonly words: readonly string[]
  readonly rows: readonly (readonly number[])[]
  readonly guide: Readonly<Record<string, { readonly title: string; readonly meaning: string; readonly fix: string }>>
}

const longestText = 400

/** Packs the sites. Positions are numbers, everything else is an index into `words`. */
export const toPageData = (sites: readonly ReportSite[]): PageData => {
  const indexes = new Map<string, number>()
  const wordOf = (text: string): number => {
    const known = indexes.get(text)
    if (known !== undefined) return known
    indexes.set(text, indexes.size)
    return indexes.size - 1
  }
  const textOf = (text: string): number =>
    wordOf(toPrintable(text.length > longestText ? `${text.slice(0, longestText)} …` : text))
  const rows = sites.map((site) => [
    wordOf(site.kind),
    textOf(site.file),
    site.line,
    site.column,
    textOf(site.type),
    textOf(site.enclosing),
    wordOf(site.status),
    wordOf(site.heldBy),
    textOf(site.text),
    textOf(site.reason ?? ''),
  ])
  const used = Object.entries(kindGuide).filter(([kind]) => indexes.has(kind))
  return {
    words: [...indexes.keys()],
    rows,
    guide: Object.fromEntries(used.map(([kind, { title, meaning, fix }]) => [kind, { title, meaning, fix }])),
  }
}
