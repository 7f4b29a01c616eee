/**
 * Where in a run a client, a delivery or a writer stands.
 *
 * A number alone does not say it: a durable log may acknowledge text before it is on disk, so a crash can take events
 * that clients have seen, and the next writer gives their numbers to other events.
 */

/** A place in a run. May be logged. */
export type RunPosition = {
  /** Which writer gave the number: 1 for the first of the run, one more for each that follows. */
  readonly epoch: number
  /** From 1 per run, without holes; 0 before the first event. */
  readonly sequence: number
}

/** Events that a client may have and that do not exist: a crash took them before they were on disk. May be logged. */
export type LostEvents = {
  /** Of the writer that gave the numbers. */
  readonly epoch: number
  /** The first and the last of them, both included. */
  readonly fromSequence: number
  readonly toSequence: number
}

/** The place before the first event. */
export const runStart: RunPosition = Object.freeze({ epoch: 1, sequence: 0 })

/** Whether a place is after another one, in one and the same run. */
export const isAfter = (one: RunPosition, other: RunPosition): boolean =>
  one.epoch === other.epoch ? one.sequence > other.sequence : one.epoch > other.epoch

/**
 * What a client that stands at a place has seen and the log does not hold, or undefined.
 *
 * @param starts - For each epoch of the run, from the first on, the number that its writer gave first.
 * @param lastSequence - Of the newest event that is held.
 * @example
 * ```ts
 * import { findLostEvents } from '@user-execution-context/golden-path'
 *
 * // The second writer began at 41: what the first wrote from 41 on is lost.
 * findLostEvents([1, 41], 60, { epoch: 1, sequence: 50 }) // => { epoch: 1, fromSequence: 41, toSequence: 50 }
 * ```
 */
export const findLostEvents = (
  starts: readonly number[],
  lastSequence: number,
  { epoch, sequence }: RunPosition,
): LostEvents | undefined => {
  const nextStart = starts[epoch]
  const end = nextStart === undefined ? lastSequence : nextStart - 1
  return sequence > end ? { epoch, fromSequence: end + 1, toSequence: sequence } : undefined
}
