import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findUnknownKeys, toIssuePath } from '../../src/errors/issue.ts'

describe('toIssuePath', () => {
  test('joins short identifiers by dots and indexes by brackets', () => {
    expect(toIssuePath('', 'agentContext')).toBe('agentContext')
    expect(toIssuePath('agentContext', 'list')).toBe('agentContext.list')
    expect(toIssuePath('agentContext.list', 3)).toBe('agentContext.list[3]')
  })

  test.each([['line\nbreak'], [''], ['a b'], ['9lives'], ['\u001b[31m'], ['k'.repeat(65)]])(
    'shows a key that is no short identifier by its position (%j)',
    (key) => {
      expect(toIssuePath('root', key, 1)).toBe('root[key 2]')
    },
  )

  test('never lets a key write a control character, a quote or a line break into a log', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(99), (key, position) => {
        expect(toIssuePath('root', key, position)).toMatch(/^root(\.[\w$-]+|\[key \d+\])$/)
      }),
    )
  })
})

describe('findUnknownKeys', () => {
  test('names each own key that is none of the known ones, below the path of its object, and reads no value', () => {
    const options = {
      known: 1,
      knwon: 2,
      get ['a b']() {
        throw new Error('read')
      },
    }
    expect(findUnknownKeys(options, ['known'], 'limits')).toEqual([
      { path: 'limits.knwon', kind: 'unknown key' },
      { path: 'limits[key 3]', kind: 'unknown key' },
    ])
    expect(findUnknownKeys({ known: undefined }, ['known'])).toEqual([])
    expect(findUnknownKeys({}, [])).toEqual([])
  })

  test.each([[null], [undefined], [3000], ['x'], [() => {}]])('says of %s that it is no object', (given) => {
    expect(findUnknownKeys(given, ['known'])).toEqual([{ path: '', kind: 'not an object' }])
  })
})
