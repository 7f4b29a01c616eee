/**
 * What events cost in the memory of a process, as V8 holds them.
 */
import { getHeapStatistics } from 'node:v8'
import type { LoggedEvent } from './event-log.ts'

/** The object of an event, its place in a list, and the pieces that its text is made of until it is first read. */
const bytesPerEvent = 200
/** The log shares the heap with the runs, the sockets and the application. */
const shareOfHeap = 1 / 4

/** Bytes of an event in memory: two for each character of a text with any that is not Latin-1, whatever UTF-8 needs. */
export const toHeldBytes = ({ text, bytes }: LoggedEvent): number => {
  const isOneByte = bytes === text.length || !/[^\0-\xff]/.test(text)
  return bytesPerEvent + (isOneByte ? text.length : text.length * 2)
}

/** How many bytes events may hold: what the limits say, and never more than a quarter of what the heap may grow to. */
export const toMaxHeldBytes = (loggedBytes: number): number =>
  Math.min(loggedBytes, Math.floor(getHeapStatistics().heap_size_limit * shareOfHeap))
