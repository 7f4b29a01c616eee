import { describe, expect, it } from 'vitest'
import { toTimeText } from '../../src/page/script/time-text.ts'

const now = new Date(2026, 10, 29, 23, 59)
const at = (...parts: [number, number, number, number, number, number]): string => new Date(...parts).toISOString()

describe('toTimeText', () => {
  it('says the clock of today, and the day of any other', () => {
    const today = toTimeText(at(2026, 10, 29, 9, 41, 7), 'minutes', now)
    expect(today).toMatch(/^0?9:41/)
    const yesterday = toTimeText(at(2026, 10, 28, 9, 41, 7), 'minutes', now)
    expect(yesterday).toContain('28')
    expect(yesterday).not.toContain('2026')
    expect(toTimeText(at(2025, 10, 29, 9, 41, 7), 'minutes', now)).toContain('2025')
  })

  it('tells two times of one minute apart when it is asked for seconds', () => {
    const [one, other] = [at(2026, 10, 29, 9, 41, 7), at(2026, 10, 29, 9, 41, 8)]
    expect(toTimeText(one, 'minutes', now)).toBe(toTimeText(other, 'minutes', now))
    expect(toTimeText(one, 'seconds', now)).not.toBe(toTimeText(other, 'seconds', now))
  })

  it.each(['', 'tea', '2026-13-01'])('says nothing of what is no time: %j', (text) => {
    expect(toTimeText(text, 'seconds', now)).toBe('')
  })
})
