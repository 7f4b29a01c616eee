import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUninitialisedValue } from '../../src/facts/uninitialised-values.ts'

/** The list of the design, written out a second time on purpose: a word added or lost is a decision. */
const words = [
  'undefined',
  'null',
  'none',
  'nil',
  'nan',
  '[object object]',
  'true',
  'false',
  '0',
  '-1',
  '00000000-0000-0000-0000-000000000000',
  'placeholder',
  'default',
  'registry',
  'temp',
  'example',
  'test',
  'demo',
  'sample',
  'template',
  'mock',
  'fake',
  'dummy',
  'xxx',
  'todo',
  'fixme',
]

describe('isUninitialisedValue', () => {
  test.each(words)('knows %s in any case', (word) => {
    expect(isUninitialisedValue(word)).toBe(true)
    expect(isUninitialisedValue(word.toUpperCase())).toBe(true)
  })

  test.each([
    'default_user',
    'test_42',
    'test-user',
    'demo1',
    '1',
    '00',
    '-10',
    'nulls',
    'template_7',
    'temporary',
    'yyy',
    'Nan0',
    'registry_1',
    '00000000-0000-0000-0000-000000000001',
  ])('has no prefix rule and no length rule: %s', (id) => {
    expect(isUninitialisedValue(id)).toBe(false)
  })

  test('knows no other word', () => {
    const listed = new Set(words)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.mixedCase(fc.constantFrom(...words)),
          fc.constantFrom(...words).map((word) => `${word}_`),
        ),
        (value) => {
          expect(isUninitialisedValue(value)).toBe(listed.has(value.toLowerCase()))
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each(['test', 'development', 'production'])('answers alike when NODE_ENV is %s', (environment) => {
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = environment
    try {
      expect([isUninitialisedValue('test'), isUninitialisedValue('test_user')]).toEqual([true, false])
    } finally {
      process.env['NODE_ENV'] = before
    }
  })
})
