/**
 * Times as people read them, in their own time zone and by the custom of their language.
 */

/** To the minute, or to the second where two would read alike. */
export type TimePrecision = 'minutes' | 'seconds'

/** Such as `09:41`, and `28 Nov, 09:41` for another day than today. Empty for what is no time of ISO 8601. */
export const toTimeText = (isoTime: string, precision: TimePrecision, now = new Date()): string => {
  const time = new Date(isoTime)
  if (Number.isNaN(time.getTime())) return ''
  const minutes = { hour: '2-digit', minute: '2-digit' } as const
  const clock = precision === 'seconds' ? ({ ...minutes, second: '2-digit' } as const) : minutes
  const isToday = time.toDateString() === now.toDateString()
  const isThisYear = time.getFullYear() === now.getFullYear()
  const day = { day: 'numeric', month: 'short', ...(!isThisYear && { year: 'numeric' }) } as const
  return time.toLocaleString(undefined, isToday ? clock : { ...day, ...clock })
}
