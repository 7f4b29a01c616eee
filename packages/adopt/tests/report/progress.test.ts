import { describe, expect, test } from 'vitest'
import { isWatched, startProgress } from '../../src/report/progress.ts'

const record = () => {
  const written: string[] = []
  let now = 0
  const line = startProgress({ write: (text) => written.push(text.replace('\r\u001b[K', '')), nowMs: () => now })
  return { ...line, written, wait: (ms: number) => void (now += ms) }
}

describe('startProgress', () => {
  test('names the phase with its place among all, and its honest total', () => {
    const { show, written } = record()
    show({ phase: 'parse', done: 0, total: 380 })
    expect(written).toEqual(['[2/6] parsing 0 of 380'])
  })

  test('guesses the time left from what the phase has done', () => {
    const { show, wait, written } = record()
    show({ phase: 'types', done: 0, total: 100 })
    wait(4_000)
    show({ phase: 'types', done: 40, total: 100 })
    expect(written.at(-1)).toBe('[4/6] asking for types 40 of 100, about 6 s left')
  })

  test('writes at most ten times a second, and always the end of a phase', () => {
    const { show, wait, written } = record()
    for (let done = 0; done <= 1_000; done += 1) {
      show({ phase: 'parse', done, total: 1_000 })
      wait(1)
    }
    expect(written.length).toBeLessThanOrEqual(12)
    expect(written.at(-1)).toContain('1000 of 1000')
  })

  test('counts what it has, where nobody knows the total', () => {
    const { show, wait, written } = record()
    for (let done = 0; done <= 2_000; done += 1) {
      show({ phase: 'files', done, total: 0 })
      wait(1)
    }
    expect(written.length).toBeLessThanOrEqual(22)
    expect([written[0], written.at(-1)]).toEqual(['[1/6] listing files', '[1/6] listing files, 2000 so far'])
  })

  test('leaves nothing on the screen', () => {
    const { show, stop, written } = record()
    show({ phase: 'files', done: 1, total: 1 })
    stop()
    expect(written.at(-1)).toBe('')
  })
})

describe('isWatched', () => {
  test.each([
    [true, false, false, true],
    [undefined, false, false, false],
    [true, true, false, false],
    [true, false, true, false],
  ])('terminal %s, CI %s, quiet %s: %s', (isTerminal, isCi, isQuiet, expected) =>
    expect(isWatched({ isTerminal, isCi, isQuiet })).toBe(expected),
  )
})
