import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeKey, encodeKey } from '../../src/facts/encode-key.ts'

// Mostly separators and escapes, because that is where an encoding breaks.
const part = fc.oneof(fc.string({ unit: fc.constantFrom('a', ':', '%', '2', '5', '3', 'A') }), fc.string())
const parts = fc.array(part, { maxLength: 5 })

describe('encodeKey', () => {
  test('gives different keys for different lists', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(encodeKey(one) === encodeKey(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 2000 },
    )
  })

  test('can be taken apart again', () => {
    fc.assert(
      fc.property(parts, (list) => {
        expect(decodeKey(encodeKey(list))).toEqual(list)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    [
      ['a', 'b:c'],
      ['a:b', 'c'],
    ],
    [['a', ''], ['a']],
    [[], ['']],
    [[], ['%']],
    [['a%3Ab'], ['a:b']],
    [['', ''], [':']],
  ])('tells %j from %j', (one, other) => {
    expect(encodeKey(one)).not.toBe(encodeKey(other))
  })

  test('leaves ids without separator as they are', () => {
    expect(encodeKey(['user-1', 'thread-1'])).toBe('user-1:thread-1')
  })
})
