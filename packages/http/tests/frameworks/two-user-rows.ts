/**
 * The table "Two users at once" of docs/http.md. For tests only.
 */
import { readFileSync } from 'node:fs'
import { expectPageRow, findMeasured, versionOf } from '../../../../scripts/page-row.ts'
import { countGlue } from './count-glue.ts'

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
export const expectRow = (row: TwoUserRow, { users, requests, crossed }: TwoUserCounts): void => {
  const { framework, library, program, measuredAs } = row
  const glue = countGlue(readFileSync(`../../${program}`, 'utf8'))
  const costs = [': requests', ' without sockets'].map((table) => {
    if (measuredAs === undefined) return 'not measured'
    const [ours, control] = ['ours', 'control'].map((kind) => findMeasured('http', `${measuredAs}${table}`, kind))
    return `${ours} (${control})`
  })
  const cells = [`[${program}](../${program})`, users, requests, crossed, glue, ...costs]
  expectPageRow('docs/http.md', framework, versionOf(library, import.meta.url), cells)
}
