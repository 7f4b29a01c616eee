import { afterEach, describe, expect, test, vi } from 'vitest'
import { knownCopies } from '../../src/errors/known-copies.ts'

const place = Symbol.for('user-execution-context.copies')
const global = globalThis as { [place]?: unknown }
const before = global[place]

afterEach(() => {
  global[place] = before
  vi.restoreAllMocks()
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

describe('a copy that is loaded', () => {
  const load = async (): Promise<readonly unknown[]> => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    vi.resetModules()
    await import('../../src/errors/known-copies.ts')
    return warn.mock.calls
  }

  test.each([
    [[], 0],
    [['/app/one.js'], 1],
    [['/app/one.js', '/app/two.js'], 0],
  ])('beside %j warns %i times', async (others, times) => {
    global[place] = others
    expect(await load()).toHaveLength(times)
    expect(knownCopies()).toHaveLength(others.length + 1)
  })

  test('loads also where the global object takes no list', async () => {
    const { defineProperty } = Object
    vi.spyOn(Object, 'defineProperty').mockImplementation((target, key, descriptor) => {
      if (key === place) throw new TypeError('frozen')
      return defineProperty(target, key, descriptor)
    })
    expect(await load()).toEqual([])
  })
})
