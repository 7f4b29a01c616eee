/**
 * Runs that a worker of this process has opened a moment ago, with all that they have said since: their first readers
 * are here, and get it without asking the database. What is kept is in the database, or was told of as if it were, so
 * a reader sees what one sees who followed from the beginning.
 */
import { encodeKey } from 'user-execution-context'
import type { EventPage, LoggedEvent, RunKey, RunPosition } from '@user-execution-context/golden-path'

type FreshRun = { readonly sinceMs: number; readonly events: LoggedEvent[] }

/** A client that connects later reads from the database, which knows what was trimmed, forgotten or fenced. */
const freshMs = 1_000
/** Events of one run, and runs: more is no longer its beginning. */
const maxEvents = 32
const maxRuns = 1_000

const toKey = ({ ownerKey, runId }: RunKey): string => encodeKey([ownerKey, runId])

export class FreshRuns {
  readonly #runs = new Map<string, FreshRun>()

  /** @param first - The first event of the run, which is on disk. */
  open(run: RunKey, first: LoggedEvent): void {
    const nowMs = performance.now()
    for (const [key, { sinceMs }] of this.#runs) {
      if (nowMs - sinceMs < freshMs && this.#runs.size < maxRuns) break
      this.#runs.delete(key)
    }
    this.#runs.set(toKey(run), { sinceMs: nowMs, events: [first] })
  }

  /** Says that an event of a run was added by this process. */
  add(run: RunKey, event: LoggedEvent): void {
    if (this.#runs.size === 0) return
    const events = this.#find(run)?.events
    const last = events?.at(-1)
    if (events === undefined || last === undefined || event.sequence <= last.sequence) return
    const isNext = event.epoch === last.epoch && event.sequence === last.sequence + 1
    if (isNext && events.length < maxEvents) events.push(event)
    else this.forget(run)
  }

  forget(run: RunKey): void {
    this.#runs.delete(toKey(run))
  }

  /** The place of the last event; undefined for a run that is not known here. */
  findLast(run: RunKey): RunPosition | undefined {
    return this.#find(run)?.events.at(-1)
  }

  /** What read() of the log gives; undefined for a run, or a place, that is not known here. */
  findPage(run: RunKey, { epoch, sequence }: RunPosition, most: number): EventPage | undefined {
    const events = this.#find(run)?.events
    const last = events?.at(-1)
    if (events === undefined || last === undefined || epoch !== last.epoch || sequence > last.sequence) return undefined
    return {
      events: events.slice(sequence, sequence + most),
      epoch,
      firstSequence: 1,
      lastSequence: last.sequence,
    }
  }

  #find(run: RunKey): FreshRun | undefined {
    const found = this.#runs.get(toKey(run))
    return found === undefined || performance.now() - found.sinceMs > freshMs ? undefined : found
  }
}
