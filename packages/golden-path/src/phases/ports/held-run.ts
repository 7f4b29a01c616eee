/**
 * The events of one run in memory, and their listeners.
 */
import { ContextError } from 'user-execution-context'
import type { EventPage, LoggedEvent, RunRecord, Unfollow } from './event-log.ts'
import { toHeldBytes } from './held-bytes.ts'
import { findLostEvents, type RunPosition } from './run-position.ts'
import { isTerminal } from '../wire/wire-envelope.ts'

type Listener = (event: LoggedEvent) => void

export class HeldRun {
  readonly record: RunRecord
  readonly #maxEvents: number
  /** Events from `#start` on are held; those before it are trimmed and wait for the array to be cut. */
  #events: (LoggedEvent | undefined)[] = []
  #start = 0
  #lastSequence = 0
  /** The number that each writer gave first. */
  readonly #starts: number[] = []
  /** Replaced and never changed, so that a listener may leave while it is called. */
  #listeners: readonly Listener[] = []
  /** Bytes of the events that are held, in memory. */
  bytes = 0
  isEnded = false

  constructor(record: RunRecord, maxEvents: number) {
    this.record = record
    this.#maxEvents = maxEvents
  }

  get epoch(): number {
    return this.#starts.length
  }

  get lastSequence(): number {
    return this.#lastSequence
  }

  /** Ends every writer before. @throws {ContextError} `ERR_CONTEXT_WRITE_FENCED` when the run has ended. */
  open(): void {
    if (this.isEnded) throw new ContextError('ERR_CONTEXT_WRITE_FENCED')
    this.#starts.push(this.#lastSequence + 1)
  }

  /**
   * Adds an event and calls the listeners. Returns by how many bytes more are held.
   *
   * @throws {ContextError} `ERR_CONTEXT_WRITE_FENCED` for an older writer, and after the end.
   */
  append(event: LoggedEvent): number {
    if (event.epoch !== this.#starts.length) throw new ContextError('ERR_CONTEXT_WRITE_FENCED')
    // A writer that did not hear the answer asks again.
    if (event.sequence <= this.#lastSequence && this.#has(event)) return 0
    if (this.isEnded || event.sequence !== this.#lastSequence + 1) throw new ContextError('ERR_CONTEXT_WRITE_FENCED')
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

  read(after: RunPosition, maxEvents: number): EventPage {
    const lastSequence = this.#lastSequence
    const lost = findLostEvents(this.#starts, lastSequence, after)
    const afterSequence = lost === undefined ? after.sequence : lost.fromSequence - 1
    const firstSequence = this.#firstSequence()
    const from = this.#start + Math.max(0, afterSequence + 1 - firstSequence)
    const events = this.#events.slice(from, from + maxEvents) as LoggedEvent[]
    return { events, epoch: Math.max(1, this.epoch), firstSequence, lastSequence, ...(lost && { lost }) }
  }

  follow(listener: Listener): Unfollow {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  #firstSequence(): number {
    return this.#lastSequence - (this.#events.length - this.#start) + 1
  }

  #has({ epoch, sequence, type }: LoggedEvent): boolean {
    const held = this.#events[this.#start + sequence - this.#firstSequence()]
    return held !== undefined && held.epoch === epoch && held.type === type
  }
}
