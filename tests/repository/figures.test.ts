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

  test('are the only ones: no other line of it tells a ratio', () => {
    const rest = readme.replace(findFigures(readme), '')
    expect(rest.match(/.*\b\d+(?:\.\d+)? (?:times (?:as|the|faster|cheaper|slower)|CPU|bytes)\b.*/g)).toBe(null)
  })
})
