/**
 * Times as text (ISO 8601, UTC), for what is printed often: the engine's own toISOString() works out the calendar each
 * time, which is a third of printing a context (measured, `npm run bench`).
 */
import { lastTimeMs } from './last-time.ts'

const hourMs = 3_600_000
/** The hours that were written last: those of contexts and of the ends of their proofs are a few. */
const hours: number[] = new Array<number>(32).fill(Number.NaN)
const hourTexts: string[] = new Array<string>(32).fill('')
const minuteTexts = Array.from({ length: 60 }, (_, value) => `${String(value).padStart(2, '0')}:`)
const secondTexts = Array.from({ length: 60 }, (_, value) => `${String(value).padStart(2, '0')}.`)
const milliTexts = Array.from({ length: 1000 }, (_, value) => `${String(value).padStart(3, '0')}Z`)

/**
 * What `new Date(epochMs).toISOString()` gives, and `'never'` beyond the last time that a Date knows.
 *
 * @param epochMs - Milliseconds since the epoch, not negative.
 */
export const toIsoTime = (epochMs: number): string => {
  if (epochMs > lastTimeMs) return 'never'
  const hour = Math.floor(epochMs / hourMs)
  const slot = hour & 31
  if (hours[slot] !== hour) {
    hourTexts[slot] = new Date(hour * hourMs).toISOString().slice(0, -'00:00.000Z'.length)
    hours[slot] = hour
  }
  const millis = Math.floor(epochMs) - hour * hourMs
  const seconds = Math.floor(millis / 1000)
  const minutes = Math.floor(seconds / 60)
  // The short part first: up to 12 characters the engine joins at once, beyond it only when the text is read.
  const withinHour = minuteTexts[minutes]! + secondTexts[seconds - minutes * 60]! + milliTexts[millis - seconds * 1000]!
  return hourTexts[slot]! + withinHour
}
