/**
 * The table "Two users at once" of docs/http.md. For tests only.
 */
import { readFileSync } from 'node:fs'
import { expectPageRow, versionOf } from '../../../../scripts/page-row.ts'
import { toTwoUserCells } from '../../../../scripts/table-row.mjs'

/** What a program was run with, and how the page names it. */
export type TwoUserRow = {
  /** Such as `Express`. */
  readonly framework: string
  /** The package whose version stands in the row. */
  readonly library: string
  /** The program that was run, from the root of the repository. */
  readonly program: string
  /** The framework in `npm run bench -- http`, where it is measured. */
  readonly measuredAs?: string
}
/** What came of it. */
export type TwoUserCounts = { readonly users: number; readonly requests: number; readonly crossed: number }

/** Expects the row of a program in the page. */
export const expectRow = (row: TwoUserRow, counts: TwoUserCounts): void => {
  const cells = toTwoUserCells(row, readFileSync(`../../${row.program}`, 'utf8'), counts)
  expectPageRow('docs/http.md', row.framework, versionOf(row.library, import.meta.url), cells)
}
