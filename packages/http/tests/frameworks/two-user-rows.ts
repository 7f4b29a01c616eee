/**
 * The table "Two users at once" of docs/http.md. A row is what a test has just run and counted: the test fails while
 * the page says anything else, and writes its row anew when the tests are run with `-u`. For tests only.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'vitest'
import { countGlue } from './count-glue.ts'

const page = '../../docs/http.md'
const results = '../../bench/results/http.json'

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
  const { version } = readManifest(library)
  const name = `| ${framework} ${version} |`
  const glue = countGlue(readFileSync(`../../${program}`, 'utf8'))
  const cells = [`[${program}](../${program})`, users, requests, crossed, glue, ...findCosts(measuredAs)]
  const wanted = `${name} ${cells.join(' | ')} |`
  const text = readFileSync(page, 'utf8')
  const start = `| ${framework} ${version.split('.')[0]}.`
  const written = text.split('\n').find((line) => line.startsWith(start))
  if (written !== undefined && isWriting()) writeFileSync(page, text.replace(written, wanted))
  else expect(written, `Run this file with -u, and read what changed in ${page}.`).toBe(wanted)
}

/** A package may hide its manifest from require(). */
function readManifest(library: string): { readonly version: string } {
  const folder = createRequire(import.meta.url)
    .resolve.paths(library)!
    .find((each) => existsSync(`${each}/${library}`))
  return JSON.parse(readFileSync(`${folder}/${library}/package.json`, 'utf8')) as { readonly version: string }
}

/** CPU of the bare framework / of ours, over sockets and without, as the bench has kept it. */
function findCosts(measuredAs: string | undefined): readonly string[] {
  const { tables } = JSON.parse(existsSync(results) ? readFileSync(results, 'utf8') : '{"tables":[]}') as {
    readonly tables: readonly Table[]
  }
  return [': requests', ' without sockets'].map((title) => {
    const table = tables.find((each) => measuredAs !== undefined && each.title.startsWith(`${measuredAs}${title}`))
    const row = table?.rows.find(({ name }) => name.startsWith('ours'))
    return row === undefined ? 'not measured' : row.medians[0]!.toFixed(2)
  })
}
type Table = { readonly title: string; readonly rows: readonly { readonly name: string; readonly medians: number[] }[] }

/** Whether the tests were started with `-u`. */
function isWriting(): boolean {
  return (expect.getState().snapshotState as unknown as { readonly _updateSnapshot: string })._updateSnapshot === 'all'
}
