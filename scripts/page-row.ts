/**
 * Rows of a page of docs/ that tests count themselves: a row is what a test has just run. The test fails while the page
 * says anything else, and writes its row anew when it is run with `-u`. For tests only.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'vitest'

const root = new URL('../', import.meta.url)

/** Expects a row, which is found by its first cell as far as the major version goes, in a page. */
export const expectPageRow = (page: string, name: string, version: string, cells: readonly unknown[]): void => {
  const wanted = `| ${name} ${version} | ${cells.join(' | ')} |`
  const file = new URL(page, root)
  const text = readFileSync(file, 'utf8')
  const start = `| ${name} ${version.split('.')[0]}.`
  const written = text.split('\n').find((line) => line.startsWith(start))
  if (written !== undefined && isWriting()) writeFileSync(file, text.replace(written, wanted))
  else expect(written, `Run this file with -u, and read what changed in ${page}.`).toBe(wanted)
}

/** The version of a library that a test runs. It may hide its manifest from require(). */
export const versionOf = (library: string, from: string): string => {
  const directory = createRequire(from)
    .resolve.paths(library)!
    .find((each) => existsSync(`${each}/${library}`))
  return (JSON.parse(readFileSync(`${directory}/${library}/package.json`, 'utf8')) as { readonly version: string })
    .version
}

/** The median of a row that the bench has kept, of the table and the row whose names begin so. */
export const findMeasured = (section: string, table: string, row: string): string => {
  const file = new URL(`bench/results/${section}.json`, root)
  const { tables } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { tables: [] }) as {
    readonly tables: readonly Table[]
  }
  const found = tables.find(({ title }) => title.startsWith(table))?.rows.find(({ name }) => name.startsWith(row))
  return found === undefined ? 'not measured' : found.medians[0]!.toFixed(2)
}
type Table = { readonly title: string; readonly rows: readonly Row[] }
type Row = { readonly name: string; readonly medians: readonly number[] }

/** Whether the tests were started with `-u`. */
function isWriting(): boolean {
  return (expect.getState().snapshotState as unknown as { readonly _updateSnapshot: string })._updateSnapshot === 'all'
}
