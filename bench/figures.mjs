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
  return [start, ...results, end].join('\n\n')
}

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
