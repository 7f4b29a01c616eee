// The figures of the README: what `npm run bench -- --write` measured and kept in bench/results, and nothing else.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

const start = '<!-- figures: written by npm run bench -- core delivery sockets --write -->'
const end = '<!-- end of the figures -->'
const shown = ['core', 'delivery', 'sockets']
const fileOf = (section) => `bench/results/${section}.json`

/** Keeps the tables of a section. */
export function writeResult(section, tables) {
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(fileOf(section), `${JSON.stringify({ cores: cpus().length, tables }, undefined, 2)}\n`)
}

/** Writes the figures into the README, between its marks. */
export function writeFigures() {
  const readme = readFileSync('README.md', 'utf8')
  writeFileSync('README.md', readme.replace(findFigures(readme), renderFigures()))
}

/** The part of a README that is written by the bench, its marks included. */
export function findFigures(readme) {
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The README has no place for the figures: ${start} … ${end}`)
  return readme.slice(from, to + end.length)
}

/** The same part as the kept results say it. */
export function renderFigures() {
  const results = shown.filter((section) => existsSync(fileOf(section))).map(renderSection)
  return [start, renderMisses(), ...results, end].join('\n\n')
}

/** The sentence that names the rows whose median misses their goal, and the versions on which it does. */
function renderMisses() {
  const tables = shown
    .filter((section) => existsSync(fileOf(section)))
    .flatMap((section) => JSON.parse(readFileSync(fileOf(section), 'utf8')).tables)
  const misses = tables.flatMap(({ nodes, rows }) =>
    rows.flatMap((row) => {
      const versions = nodes.filter((_, index) => isMissed(row, row.medians[index]))
      if (versions.length === 0) return []
      const where = versions.map((version) => version.slice(1).split('.')[0]).join(', ')
      return [`- ${row.name}: on ${versions.length === nodes.length ? 'every version' : `Node ${where}`}`]
    }),
  )
  if (misses.length === 0) return 'Every goal of these tables is met.'
  return ['The goals of these rows are missed:', '', ...misses].join('\n')
}

const isMissed = ({ atMost, atLeast }, median) => median > (atMost ?? Infinity) || median < (atLeast ?? -Infinity)

function renderSection(section) {
  const { cores, tables } = JSON.parse(readFileSync(fileOf(section), 'utf8'))
  return tables.map((table) => renderTable(table, `\`${section}\`, ${cores} cores`)).join('\n\n')
}

function renderTable({ title, nodes, rows }, environment) {
  return [
    `${title} (${environment})`,
    '',
    `| ratio | ${nodes.map((version) => `Node ${version.slice(1)}`).join(' | ')} | goal |`,
    `|---|${nodes.map(() => '---|').join('')}---|`,
    ...rows.map(({ name, medians, atMost, atLeast }) => {
      const goal = atMost === undefined ? (atLeast === undefined ? '' : `at least ${atLeast}`) : `at most ${atMost}`
      return `| ${name} | ${medians.map((median) => median.toFixed(2)).join(' | ')} | ${goal} |`
    }),
  ].join('\n')
}
