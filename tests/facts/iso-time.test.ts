import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toIsoTime } from '../../src/facts/iso-time.ts'
import { lastTimeMs } from '../../src/facts/last-time.ts'

describe('toIsoTime', () => {
  test('says what a Date says, for any time and in any order', () => {
    const anyTime = fc.oneof(
      fc.integer({ min: 0, max: lastTimeMs }),
      fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
      fc.double({ min: 0, max: lastTimeMs, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(anyTime, { minLength: 1, maxLength: 20 }), (times) => {
        expect(times.map(toIsoTime)).toEqual(times.map((time) => new Date(time).toISOString()))
      }),
      { numRuns: 2_000 },
    )
  })

  test('tells hours apart that would be kept in one place', () => {
    const hourMs = 3_600_000
    for (let hour = 0; hour < 100; hour++) {
      expect(toIsoTime(hour * hourMs)).toBe(new Date(hour * hourMs).toISOString())
      expect(toIsoTime(1)).toBe('1970-01-01T00:00:00.001Z')
    }
  })

  test('says never beyond the last time that a Date knows', () => {
    expect(toIsoTime(lastTimeMs)).toBe('+275760-09-13T00:00:00.000Z')
    expect(toIsoTime(lastTimeMs + 2)).toBe('never')
    expect(toIsoTime(Infinity)).toBe('never')
  })
})
