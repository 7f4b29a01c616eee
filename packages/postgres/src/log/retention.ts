/**
 * How long runs are kept, and how much of them.
 */
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'

/**
 * What is kept of runs. The oldest goes first, in rounds and soon rather than at once; a run that executes loses its
 * oldest events at most. A client whose place was trimmed is sent a `resume_gap`, and an `error` for a run that is
 * gone.
 */
export type RetentionOptions = {
  /** How long a run is kept after its end, milliseconds. Default 2,592,000,000 (30 days). */
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
const most: Retention = {
  maxAgeMs: 3_155_760_000_000,
  runsPerUser: 1_000_000_000,
  bytesPerUser: Number.MAX_SAFE_INTEGER,
  eventsPerRun: 1_000_000_000,
  everyMs: 86_400_000,
}

/** The retention with some of it changed. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseRetention = (changes: RetentionOptions = {}): Retention => {
  const retention: Record<string, number> = { ...defaults }
  const issues: Issue[] = []
  for (const [name, value] of Object.entries(changes)) {
    const path = toIssuePath('retention', name)
    if (!Object.hasOwn(defaults, name)) issues.push({ path, kind: 'unknown key' })
    else if (value === undefined) continue
    else if (!Number.isSafeInteger(value)) issues.push({ path, kind: 'not a number' })
    else if (value < 1) issues.push({ path, kind: 'too small' })
    else if (value > most[name as keyof Retention]) issues.push({ path, kind: 'too large' })
    else retention[name] = value
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  return retention as Retention
}
