// Holds the figures of the README to what the bench measured and kept.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findFigures, renderFigures } from '../../bench/figures.mjs'

const readme = readFileSync('README.md', 'utf8')

describe('the figures of the README', () => {
  test('are those of bench/results (npm run bench -- core delivery sockets --write)', () => {
    expect(findFigures(readme)).toBe(renderFigures())
  })

  test('hold every table of the section core, with a column for each version of Node', () => {
    const { tables } = JSON.parse(readFileSync('bench/results/core.json', 'utf8')) as {
      readonly tables: readonly { readonly title: string; readonly nodes: readonly string[] }[]
    }
    expect(tables.length).toBeGreaterThan(3)
    expect(tables[0]!.nodes.map((version) => version.split('.')[0])).toEqual(['v20', 'v22', 'v24', 'v26'])
    for (const { title } of tables) expect(readme).toContain(title)
  })

  test('name each goal that a median of the tables misses, and no other', () => {
    const missed = rowsOf(readme).filter(({ medians, goal }) => medians.some((median) => !meets(median, goal)))
    const [, list] = /are missed:\n\n((?:- .*\n)+)/.exec(findFigures(readme)) ?? []
    const named = (list ?? '').split('\n').filter((line) => line !== '')
    expect(named.map((line) => line.replace(/^- (.*): on .*$/, '$1'))).toEqual(missed.map(({ name }) => name))
    expect(readme.replace(findFigures(readme), '')).not.toMatch(/goals? .*missed: /)
  })

  test('are the only ones: no other line of it tells a ratio', () => {
    const rest = readme.replace(findFigures(readme), '')
    expect(rest.match(/.*\b\d+(?:\.\d+)? (?:times (?:as|the|faster|cheaper|slower)|CPU|bytes)\b.*/g)).toBe(null)
  })
})

type Row = { readonly name: string; readonly medians: readonly number[]; readonly goal: string }

/** The rows of the tables as a reader of the README sees them. */
function rowsOf(page: string): readonly Row[] {
  const lines = findFigures(page).match(/^\| (?!ratio).*\|$/gm) ?? []
  return lines.map((line) => {
    const [name, ...cells] = line.split('|').slice(1, -1)
    return { name: name!.trim(), medians: cells.slice(0, -1).map(Number), goal: cells.at(-1)!.trim() }
  })
}

function meets(median: number, goal: string): boolean {
  const [, word, bound] = /^at (most|least) (\S+)$/.exec(goal) ?? []
  return word === undefined || (word === 'most' ? median <= Number(bound) : median >= Number(bound))
}
