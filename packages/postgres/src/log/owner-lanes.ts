/**
 * Events of users whose rows another statement holds: each user has a lane, and keeps nobody else waiting.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError } from 'user-execution-context'
import { maxBatch, type Appended } from './appended.ts'

/** Between two tries, milliseconds. */
const againMs = 100
/** How long rows may be held before the events are refused, milliseconds: as long as a statement may take. */
const longestMs = 30_000

/** Appends events of one owner, and gives back those whose rows are held. */
export type AppendHeld = (batch: readonly Appended[]) => Promise<readonly Appended[]>

export class OwnerLanes {
  readonly #append: AppendHeld
  readonly #lanes = new Map<string, { waiting: Appended[]; readonly done: Promise<void> }>()

  constructor(append: AppendHeld) {
    this.#append = append
  }

  has({ run }: Appended): boolean {
    return this.#lanes.has(run.ownerKey)
  }

  /** Whether the owner has a lane: the event waits in it then. */
  add(appended: Appended): boolean {
    const lane = this.#lanes.get(appended.run.ownerKey)
    lane?.waiting.push(appended)
    return lane !== undefined
  }

  /** Events that come before all that waits in their lanes. */
  putBack(events: readonly Appended[]): void {
    for (const appended of events.toReversed()) this.#lanes.get(appended.run.ownerKey)!.waiting.unshift(appended)
  }

  /** Begins a lane, which ends when nothing waits in it. */
  open(ownerKey: string, events: readonly Appended[]): void {
    const lane = this.#lanes.get(ownerKey)
    if (lane !== undefined) return void lane.waiting.unshift(...events)
    const done = Promise.resolve().then(() => this.#send(ownerKey))
    this.#lanes.set(ownerKey, { waiting: [...events], done })
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map(({ done }) => done))
  }

  async #send(ownerKey: string): Promise<void> {
    const lane = this.#lanes.get(ownerKey)!
    let endsAtMs = performance.now() + longestMs
    while (lane.waiting.length > 0) {
      const held = await this.#append(lane.waiting.splice(0, maxBatch))
      if (held.length === 0) {
        // What was held has been let go: the next time counts anew.
        endsAtMs = performance.now() + longestMs
        continue
      }
      if (performance.now() > endsAtMs) {
        for (const { settle } of [...held, ...lane.waiting.splice(0)])
          settle(new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED'))
        break
      }
      lane.waiting.unshift(...held)
      await pause(againMs)
    }
    this.#lanes.delete(ownerKey)
  }
}
