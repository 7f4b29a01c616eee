import { describe, expect, test } from 'vitest'
import { toCanonicalJson } from '../../src/facts/canonical-json.ts'

describe('toCanonicalJson', () => {
  test('gives the example of RFC 8785, section 3.2.2', () => {
    const value = {
      // oxlint-disable-next-line no-loss-of-precision -- the vector of RFC 8785, digit by digit
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(toCanonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('sorts keys by UTF-16 code units, as in RFC 8785, section 3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(Object.values(JSON.parse(toCanonicalJson(value)) as object)[0]).toBe('One')
    expect([...toCanonicalJson(value).matchAll(/":"([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  test.each([
    [null, 'null'],
    [[], '[]'],
    [[[null], { b: 1, a: [null, 'x'] }], '[[null],{"a":[null,"x"],"b":1}]'],
    [{ b: null, a: undefined, c: [] }, '{"b":null,"c":[]}'],
    ['text', '"text"'],
    [-0, '0'],
  ])('gives one text for %j', (value, text) => {
    expect(toCanonicalJson(value)).toBe(text)
  })

  test('keeps the order of an array, which has a meaning', () => {
    expect(toCanonicalJson([2, 1])).not.toBe(toCanonicalJson([1, 2]))
  })
})
