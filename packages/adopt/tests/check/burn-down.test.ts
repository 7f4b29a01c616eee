import { describe, expect, test } from 'vitest'
import { printBaseline, type BaselineEntry } from '../../src/check/baseline.ts'
import { toBurnDown } from '../../src/check/burn-down.ts'

const entry = (text: string, more: Partial<BaselineEntry> = {}): BaselineEntry => ({
  file: 'src/a.ts',
  kind: 'cast',
  type: 'Ctx',
  enclosing: 'f',
  text,
  ...more,
})

const last = (...states: (readonly BaselineEntry[])[]) =>
  toBurnDown(states.map((entries, at) => ({ atMs: at, text: printBaseline({ started: 9, entries }) }))).at(-1)

describe('toBurnDown', () => {
  const [a, b, c] = [entry('a'), entry('b'), entry('c')]

  test('counts what left as moved and kept', () => {
    expect(last([a, b, c], [a])).toEqual({ atMs: 1, left: 1, moved: 2, kept: 2, reverted: 0 })
  })

  test('counts what came back as reverted', () => {
    expect(last([a, b, c], [a], [a, b])).toEqual({ atMs: 2, left: 2, moved: 2, kept: 1, reverted: 1 })
  })

  test('counts what came back and left once more as moved twice', () => {
    expect(last([a, b], [a], [a, b], [a])).toEqual({ atMs: 3, left: 1, moved: 2, kept: 1, reverted: 1 })
  })

  test('takes a new violation for no reverted one', () => {
    expect(last([a, b], [a], [a, c])).toMatchObject({ moved: 1, kept: 1, reverted: 0 })
  })

  test('takes code that went to another place for neither', () => {
    expect(last([a, b], [a, entry('b', { file: 'src/b.ts', enclosing: 'g' })])).toMatchObject({ moved: 0, reverted: 0 })
  })

  test('knows an entry again that was given a reason', () => {
    expect(last([a], [], [entry('a', { reason: 'the store' })])).toMatchObject({ moved: 1, kept: 0, reverted: 1 })
  })

  test('counts equal entries one by one', () => {
    expect(last([a, a, b], [a, b])).toMatchObject({ left: 2, moved: 1, kept: 1 })
  })
})
