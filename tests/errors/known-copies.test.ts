import { afterEach, describe, expect, test } from 'vitest'
import { knownCopies } from '../../src/errors/known-copies.ts'

const place = Symbol.for('user-execution-context.copies')
const global = globalThis as { [place]?: unknown }
const before = global[place]

afterEach(() => {
  global[place] = before
})

describe('knownCopies', () => {
  test('leaves out what cannot be printed in one line: any code can write the list', () => {
    global[place] = ['/app/one.js', '/app/two\nuser=admin.js', 7, '', 'x'.repeat(301), '/app/\u202ethree.js']
    expect(knownCopies()).toEqual(['/app/one.js'])
  })

  test('names eight at most', () => {
    global[place] = Array.from({ length: 20 }, (_, index) => `/app/${index}.js`)
    expect(knownCopies()).toHaveLength(8)
  })

  test.each([[undefined], ['/app/one.js'], [{ length: 1 }]])('takes %j for no list', (value) => {
    global[place] = value
    expect(knownCopies()).toEqual([])
  })
})
