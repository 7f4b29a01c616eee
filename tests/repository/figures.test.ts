// Holds the figures of the README to what the bench measured and kept.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findFigures, renderFigures } from '../../bench/figures.mjs'

const readme = readFileSync('README.md', 'utf8')

describe('the figures of the README', () => {
  test('are those of bench/results (npm run bench -- core delivery sockets --write)', () => {
    expect(findFigures(readme)).toBe(renderFigures())
  })

  test('are the only ones: no other line of it tells a ratio', () => {
    const rest = readme.replace(findFigures(readme), '')
    expect(rest.match(/.*\b\d+(?:\.\d+)? (?:times (?:as|the|faster|cheaper|slower)|CPU|bytes)\b.*/g)).toBe(null)
  })
})
