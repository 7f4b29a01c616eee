import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  findIdIssue,
  newRequestId,
  newRunId,
  newThreadId,
  newWebSocketClientId,
  parseRunId,
  parseSessionId,
  parseTenantId,
  parseThreadId,
  parseUserId,
} from '../../src/facts/ids.ts'
import { isUninitialisedValue } from '../../src/facts/uninitialised-values.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()+,-.:;=?@[]^_{|}~'
const parsers = {
  userId: parseUserId,
  threadId: parseThreadId,
  runId: parseRunId,
  sessionId: parseSessionId,
  tenantId: parseTenantId,
}

describe.each(Object.entries(parsers))('parse %s', (path, parse) => {
  test.each([
    'google-oauth2|1234',
    'user+tag@x.com',
    'auth0:5f7c',
    '00u1abc',
    '123456789012345678901',
    '1',
    'default_user',
    'test_42',
    'john_doe',
    'waad|t:x.y',
    '8f14e45f-ceea-467f-9a36-dcc2b4f8d3a1',
    'a'.repeat(128),
  ])('takes what identity providers really issue: %s', (id) => {
    expect(parse(id)).toBe(id)
  })

  test('takes every string of the documented alphabet, unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 128 }), (id) => {
        fc.pre(!isUninitialisedValue(id))
        expect(parse(id)).toBe(id)
      }),
    )
  })

  test('gives the string itself or an error, for any value whatever', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        if (findIdIssue(value) === undefined) expect(parse(value)).toBe(value)
        else expect(catchError(() => parse(value)).code).toBe('ERR_CONTEXT_INVALID_ID')
      }),
    )
  })

  test('never repeats the value in the message', () => {
    const outside = fc.constantFrom(
      ' ',
      '\n',
      '\0',
      '"',
      "'",
      '\\',
      '/',
      '*',
      '<',
      '>',
      '`',
      'é',
      '\u200b',
      '\u202e',
      '１',
    )
    fc.assert(
      fc.property(fc.uuid(), outside, (secret, sign) => {
        const error = catchError(() => parse(`${secret}${sign}`))
        expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(secret)
        expect(toFaults(error)).toEqual([`${path}: illegal character`])
      }),
    )
  })

  test.each([
    ['nothing', undefined, 'missing'],
    ['null', null, 'missing'],
    ['a number', 42, 'not a string'],
    ['a String object', new String('u1'), 'not a string'],
    ['an array of one id', ['u1'], 'not a string'],
    ['an empty string', '', 'empty'],
    ['129 characters', 'a'.repeat(129), 'too long'],
    ['surrounding white space', ' u1 ', 'illegal character'],
    ['a trailing line break', 'u1\n', 'illegal character'],
    ['digits of another script', '\u0661\u0662', 'illegal character'],
    ['a word nobody initialised', 'undefined', 'uninitialised value'],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000', 'uninitialised value'],
  ])('refuses %s', (_what, value, kind) => {
    const error = catchError(() => parse(value))
    expect(error.code).toBe('ERR_CONTEXT_INVALID_ID')
    expect(toFaults(error)).toEqual([`${path}: ${kind}`])
  })
})

describe('findIdIssue', () => {
  test('takes exactly the documented characters out of all code units', () => {
    const legal = Array.from({ length: 65_536 }, (_, code) => String.fromCharCode(code)).filter(
      (sign) => findIdIssue(`a${sign}`) === undefined,
    )
    expect(legal.join('')).toBe([...alphabet].sort().join(''))
  })

  // Ids of some lengths are read without a loop: no length and no place may escape.
  test('finds one illegal character at every place of every length', () => {
    for (let length = 1; length <= 128; length++) {
      const legal = 'Ab3-'.repeat(32).slice(0, length)
      expect(findIdIssue(legal)).toBeUndefined()
      for (let place = 0; place < length; place++) {
        for (const sign of ['/', '\u200b']) {
          const id = legal.slice(0, place) + sign + legal.slice(place + 1)
          if (findIdIssue(id) !== 'illegal character') throw new Error(`missed at place ${place} of ${length}`)
        }
      }
      expect(findIdIssue(`${legal}\n`)).toBe(length === 128 ? 'too long' : 'illegal character')
    }
  })
})

describe.each(Object.entries({ newThreadId, newRunId, newRequestId, newWebSocketClientId }))('%s', (_name, make) => {
  test('makes a new random UUID of version 4 that is a legal id', () => {
    const ids = Array.from({ length: 1000 }, (): string => make())
    expect(new Set(ids).size).toBe(1000)
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(findIdIssue(id)).toBeUndefined()
    }
  })
})
