/**
 * Rows of a page of docs/ that tests count themselves: a row is what a test has just run. The test fails while the page
 * says anything else, and writes its row anew when it is run with `-u`. For tests only.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'vitest'
import { findRow } from './table-row.mjs'

const root = new URL('../', import.meta.url)

/** Expects a row in a page. */
export const expectPageRow = (page: string, name: string, version: string, cells: readonly unknown[]): void => {
  const file = new URL(page, root)
  const text = readFileSync(file, 'utf8')
  const { wanted, written } = findRow(text, name, version, cells)
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

/** Whether the tests were started with `-u`. */
function isWriting(): boolean {
  return (expect.getState().snapshotState as unknown as { readonly _updateSnapshot: string })._updateSnapshot === 'all'
}
