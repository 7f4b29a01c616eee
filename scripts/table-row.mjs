// Rows of pages of docs/ that tests and checks count themselves, and what stands in them. For tests and checks only.
import { existsSync, readFileSync } from 'node:fs'
import { countGlue } from './count-glue.mjs'

const root = new URL('../', import.meta.url)

/** A row as it was counted, and as the page has it: found by its first cell as far as the major version goes. */
export function findRow(page, name, version, cells) {
  const start = `| ${name} ${version.split('.')[0]}.`
  return {
    wanted: `| ${name} ${version} | ${cells.join(' | ')} |`,
    written: page.split('\n').find((line) => line.startsWith(start)),
  }
}

/** The cells of a row of the table "Two users at once" of docs/http.md. */
export function toTwoUserCells({ program, measuredAs }, source, { users, requests, crossed }) {
  const costs = [': requests', ' without sockets'].map((table) => {
    if (measuredAs === undefined) return 'not measured'
    const [ours, control] = ['ours', 'control'].map((kind) => findMeasured('http', `${measuredAs}${table}`, kind))
    return ours === notMeasured ? notMeasured : `${ours} (${control})`
  })
  return [`[${program}](../${program})`, users, requests, crossed, countGlue(source), ...costs]
}

const notMeasured = 'not measured'

/** The median of a row that the bench has kept, of the table and the row whose names begin so. */
export function findMeasured(section, table, row) {
  const file = new URL(`bench/results/${section}.json`, root)
  const { tables } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { tables: [] }
  const found = tables.find(({ title }) => title.startsWith(table))?.rows.find(({ name }) => name.startsWith(row))
  return found === undefined ? notMeasured : found.medians[0].toFixed(2)
}
