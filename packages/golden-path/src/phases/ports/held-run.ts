/**
 * The events of one run in memory, and their listeners.
 */
import type { EventPage, LoggedEvent, RunRecord, Unfollow } from './event-log.ts'
import { toHeldBytes } from './held-bytes.ts'
import { isTerminal } from '../wire/wire-envelope.ts'

type Listener = (event: LoggedEvent) => void

export class HeldRun {
  readonly record: RunRecord
  readonly #maxEvents: number
  /** Events from `#start` on are held; those before it are trimmed and wait for the array to be cut. */
  #events: (LoggedEvent | undefined)[] = []
  #start = 0
  #lastSequence = 0
  /** Replaced and never changed, so that a listener may leave while it is called. */
  #listeners: readonly Listener[] = []
  /** Bytes of the events that are held, in memory. */
  bytes = 0
  isEnded = false

  constructor(record: RunRecord, maxEvents: number) {
    this.record = record
    this.#maxEvents = maxEvents
  }

  /** Adds an event and calls the listeners. Returns by how many bytes more are held. */
  append(event: LoggedEvent): number {
    const before = this.bytes
    this.#events.push(event)
    this.#lastSequence = event.sequence
    this.bytes += toHeldBytes(event)
    if (isTerminal(event.type)) this.isEnded = true
    if (this.#events.length - this.#start > this.#maxEvents) this.trim(1)
    for (const listener of this.#listeners) listener(event)
    return this.bytes - before
  }

  /** Lets go of the oldest events, of at least so many bytes if there are. Returns how many bytes are free now. */
  trim(bytes: number): number {
    let freed = 0
    while (freed < bytes && this.#start < this.#events.length) {
      freed += toHeldBytes(this.#events[this.#start]!)
      this.#events[this.#start++] = undefined
    }
    this.bytes -= freed
    if (this.#start > 1_000 && this.#start > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#start)
      this.#start = 0
    }
    return freed
  }

  read(afterSequence: number, maxEvents: number): EventPage {
    const held = this.#events.length - this.#start
    const firstSequence = this.#lastSequence - held + 1
    const from = this.#start + Math.max(0, afterSequence + 1 - firstSequence)
    const events = this.#events.slice(from, from + maxEvents) as LoggedEvent[]
    return { events, firstSequence, lastSequence: this.#lastSequence }
  }

  follow(listener: Listener): Unfollow {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }
}
