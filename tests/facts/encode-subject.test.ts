import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeSubject } from '../../src/facts/encode-subject.ts'
import { findIdIssue } from '../../src/facts/ids.ts'
import { uninitialisedValues } from '../../src/facts/uninitialised-values.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'

/** Any text, lone surrogates included, and texts that look like what the encoding writes. */
const subject = fc
  .oneof(
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 150 }),
    fc.string({ unit: fc.constantFrom('%', '2', '5', '7', 'a', "'", 'é', 'e\u0301', ' '), maxLength: 60 }),
    fc.constantFrom(...uninitialisedValues, '%74est', '%sha256:', '00000000-0000-0000-0000-000000000000'),
  )
  .filter((text) => text !== '')

describe('encodeSubject', () => {
  test.each([
    ['auth0|5f7c8ec7c33c6c004bbafe82', 'auth0|5f7c8ec7c33c6c004bbafe82'],
    ["o'brien@x.com", 'o%27brien@x.com'],
    ['CORP\\alice', 'CORP%5Calice'],
    ['alice smith', 'alice%20smith'],
    ['a/b', 'a%2Fb'],
    ['100%', '100%25'],
    ['test', '%74est'],
    ['TEST', '%54EST'],
    ['-1', '%2D1'],
    ['é', '%C3%A9'],
    ['a\tb', 'a%09b'],
    ['\ud800', '%ED%A0%80'],
  ])('gives %j the id %j', (text, id) => {
    expect(encodeSubject(text)).toBe(id)
  })

  test('gives every subject a legal id', () => {
    fc.assert(fc.property(subject, (text) => findIdIssue(encodeSubject(text)) === undefined))
  })

  test('gives two subjects two ids', () => {
    fc.assert(
      fc.property(subject, subject, (one, other) => (encodeSubject(one) === encodeSubject(other)) === (one === other)),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['the escape of another', "a'b", 'a%27b'],
    ['composed and decomposed', 'é', 'e\u0301'],
    ['upper and lower case', 'Alice', 'alice'],
    ['space around', 'alice', 'alice '],
    ['lone surrogates', '\ud800', '\ud801'],
    ['a lone surrogate and the replacement character', '\ud800', '\ufffd'],
    ['the word and its escape', 'test', '%74est'],
    ['equal beginnings of 200 characters', `${'a'.repeat(200)}1`, `${'a'.repeat(200)}2`],
    ['a long one and its digest', 'a'.repeat(129), encodeSubject('a'.repeat(129))],
  ])('tells apart %s', (_what, one, other) => {
    expect(encodeSubject(one)).not.toBe(encodeSubject(other))
  })

  test('takes 128 characters as they are, and the digest of more', () => {
    expect(encodeSubject('a'.repeat(128))).toBe('a'.repeat(128))
    expect(encodeSubject('a'.repeat(129))).toMatch(/^%sha256:[0-9a-f]{64}$/)
    expect(encodeSubject("'".repeat(43))).toMatch(/^%sha256:/)
  })

  test.each([
    ['', 'empty'],
    [undefined, 'missing'],
    [null, 'missing'],
    [7, 'not a string'],
  ])('refuses %j, which names nobody', (text, kind) => {
    const error = catchError(() => encodeSubject(text as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_ID', [`subject: ${kind}`]])
  })
})
