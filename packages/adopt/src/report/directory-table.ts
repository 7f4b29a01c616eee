/**
 * The kind-by-directory table: where the work is. Shared by terminal, Markdown and the page.
 */
import type { FindingKind } from '../finding.ts'
import { kindGuide } from '../kind-guide.ts'

/** Columns are the kinds (or their families) that occur, in guide order; rows are directories, the fullest first. */
export type DirectoryTable = {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly directory: string; readonly counts: readonly number[]; readonly total: number }[]
  readonly totals: readonly number[]
}

type Site = { readonly file: string; readonly kind: FindingKind }

/** `literal-argument` belongs to `literal`, `any-flow` to `any`: five columns fit a terminal, twenty do not. */
export const toFamily = (kind: FindingKind): string => kind.split('-')[0] ?? kind

/**
 * Counts sites by directory.
 *
 * @param columnOf - The column a kind is counted in: itself, or its family.
 * @param maxRows - Directories are cut to the greatest depth (at most 4) that gives no more rows than this.
 */
export const toDirectoryTable = (
  sites: readonly Site[],
  columnOf: (kind: FindingKind) => string,
  maxRows: number,
): DirectoryTable => {
  const found = new Set(sites.map(({ kind }) => columnOf(kind)))
  const columns = [...new Set((Object.keys(kindGuide) as FindingKind[]).map(columnOf))].filter((column) =>
    found.has(column),
  )
  const indexes = new Map(columns.map((column, index) => [column, index]))
  const depth = [4, 3, 2].find((one) => new Set(sites.map(({ file }) => directoryOf(file, one))).size <= maxRows) ?? 1
  const counts = new Map<string, number[]>()
  for (const { file, kind } of sites) {
    const directory = directoryOf(file, depth)
    const row = counts.get(directory) ?? columns.map(() => 0)
    row[indexes.get(columnOf(kind)) ?? 0]! += 1
    counts.set(directory, row)
  }
  const rows = [...counts].map(([directory, row]) => ({ directory, counts: row, total: sum(row) }))
  rows.sort((left, right) => right.total - left.total || (left.directory < right.directory ? -1 : 1))
  return { columns, rows, totals: columns.map((_, index) => sum(rows.map((row) => row.counts[index] ?? 0))) }
}

const directoryOf = (file: string, depth: number): string =>
  file.split('/').slice(0, -1).slice(0, depth).join('/') || '.'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
