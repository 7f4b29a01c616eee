/**
 * Pieces of text that the server has answered and may not have on disk yet. When it restarts without them, their writer
 * still has them, and adds them again under the same numbers: readers miss nothing.
 */
import type { LoggedEvent, RunKey } from '@user-execution-context/golden-path'
import type { Appended } from './appended.ts'

/** After so long every server has written what it answered: three rounds of its WAL writer, 200 ms each, and more. */
const keepMs = 2_000

type Held = Map<string, Appended[]>

/** What is held, in two generations, so that forgetting costs nothing. */
export class RelaxedEvents {
  #held: Held = new Map()
  #before: Held = new Map()
  #sinceMs = performance.now()

  /**
   * Forgets the runs of events that are on disk: all of a run before them is there. What other runs have said may be
   * lost all the same, with a server that has restarted since.
   */
  forget(added: readonly Appended[]): void {
    if (this.#held.size + this.#before.size === 0) return
    for (const { run, event } of added) {
      const key = toKey(run, event)
      this.#held.delete(key)
      this.#before.delete(key)
    }
  }

  add(added: readonly Appended[]): void {
    if (performance.now() - this.#sinceMs > keepMs) {
      this.#before = this.#held
      this.#held = new Map()
      this.#sinceMs = performance.now()
    }
    for (const appended of added) {
      const key = toKey(appended.run, appended.event)
      const events = this.#held.get(key)
      if (events === undefined) this.#held.set(key, [appended])
      else events.push(appended)
    }
  }

  /**
   * What the server lost between what it holds of a run and an event, to be added again; undefined when it is not held
   * here either. Empty when it is among `again` already.
   */
  find({ run, event }: Appended, heldSequence: number, again: readonly Appended[]): readonly Appended[] | undefined {
    const isOfRun = (other: Appended): boolean =>
      other.run.runId === run.runId && other.run.ownerKey === run.ownerKey && other.event.epoch === event.epoch
    const last = again.findLast(isOfRun)
    if (last !== undefined) return last.event.sequence === event.sequence - 1 ? [] : undefined
    const key = toKey(run, event)
    const lost = [...(this.#before.get(key) ?? []), ...(this.#held.get(key) ?? [])]
      .filter(({ event: { sequence } }) => sequence > heldSequence && sequence < event.sequence)
      // Their writer has its answer.
      .map((appended) => ({ ...appended, settle: () => {} }))
    const isWhole = lost.length === event.sequence - heldSequence - 1 && lost.length > 0
    return isWhole ? lost : undefined
  }
}

function toKey({ ownerKey, runId }: RunKey, { epoch }: LoggedEvent): string {
  return `${epoch} ${runId} ${ownerKey}`
}
