/**
 * An event between its writer and the database.
 */
import type { LoggedEvent, RunKey } from '@user-execution-context/golden-path'

/** One event on its way. */
export type Appended = {
  readonly run: RunKey
  readonly event: LoggedEvent
  readonly settle: (error: unknown) => void
}

/** Events of one statement, at most. */
export const maxBatch = 1_000
