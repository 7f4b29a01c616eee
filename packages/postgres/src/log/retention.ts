/**
 * How long runs are kept, and how much of them.
 */
import { count, fields, optional } from '../options/parse-options.ts'
import { everyMs } from '../options/port-checks.ts'

/**
 * What is kept of runs. The oldest goes first, in rounds and soon rather than at once; a run that executes loses its
 * oldest events at most. A client whose place was trimmed is sent a `resume_gap`, and an `error` for a run that is
 * gone.
 */
export type RetentionOptions = {
  /**
   * How long a run is kept after its end, milliseconds. A run without an end that no queue of this database holds, such
   * as one of a process that was lost, or of a queue in memory, is kept so long after its start: make it longer than
   * such runs take, since one that still executes is removed, too. Default 2,592,000,000 (30 days).
   */
  readonly maxAgeMs?: number | undefined
  /** Runs of one user that are kept after their end. Default 1,000. */
  readonly runsPerUser?: number | undefined
  /** Bytes of all runs of one user that are kept after their end. Default 268,435,456. */
  readonly bytesPerUser?: number | undefined
  /** Events of one run that are kept. Default 20,000. */
  readonly eventsPerRun?: number | undefined
  /** How often a node looks, milliseconds. Default 60,000. */
  readonly everyMs?: number | undefined
}

/** The same, complete. */
export type Retention = { readonly [Name in keyof RetentionOptions]-?: number }

const defaults: Retention = {
  maxAgeMs: 2_592_000_000,
  runsPerUser: 1_000,
  bytesPerUser: 268_435_456,
  eventsPerRun: 20_000,
  everyMs: 60_000,
}

/** Of retention, for a table of options. */
export const retentionCheck = fields<RetentionOptions>({
  // A hundred years.
  maxAgeMs: optional(count(1, 3_155_760_000_000)),
  runsPerUser: optional(count(1, 1_000_000_000)),
  bytesPerUser: optional(count(1, Number.MAX_SAFE_INTEGER)),
  eventsPerRun: optional(count(1, 1_000_000_000)),
  everyMs: optional(everyMs),
})

/** The retention with some of it changed. */
export const toRetention = (changes: RetentionOptions = {}): Retention => ({
  ...defaults,
  ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)),
})
