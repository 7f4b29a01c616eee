/**
 * One run on its way to one connection: a position in the log, and two ways to move it.
 *
 * Live: the next event goes out as it is appended. Behind (after a cut, or when the transport is full): pages are read
 * from the log as fast as the transport takes them. The position is the only truth, so an event can neither be lost nor
 * sent twice, and nothing waits here: what a slow reader has not taken stays in the log.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isContextError } from 'user-execution-context'
import { isPending } from '../ports/awaitable.ts'
import type { EventLog, LoggedEvent, RunKey, Unfollow } from '../ports/event-log.ts'
import { joinPieces, toJoinedBytes } from './join-pieces.ts'
import type { Limits } from '../limits.ts'
import type { Outlet } from '../connection/outlet.ts'
import { readEnd } from './read-end.ts'
import { isTerminal, wireVersion } from '../wire/wire-envelope.ts'

const pageSize = 256

/**
 * How a delivery ended: the run's last event was sent, the connection closed, the run is no longer held, or the log did
 * not take the run's end, so that none will come.
 */
export type DeliveryEnd = 'completed' | 'closed' | 'forgotten' | 'lost'

/** Who is told of a delivery. */
export type DeliveryListeners = {
  /** Called once: before the first event is sent, or when there is none to send. */
  readonly onStart: ((start: { readonly lastSequence: number; readonly hasEnded: boolean }) => void) | undefined
  readonly onFailure: (error: unknown) => void
}

export class Delivery {
  /** Settles when nothing more will be sent. Never rejects. */
  readonly done: Promise<DeliveryEnd>
  readonly #key: RunKey
  readonly #log: EventLog
  readonly #outlet: Outlet
  readonly #limits: Limits
  readonly #onFailure: DeliveryListeners['onFailure']
  #onStart: DeliveryListeners['onStart']
  /** Sequence of the last event that was sent. */
  #position: number
  /** Sequence of the last event heard of. */
  #heard = 0
  #isLive = false
  #isEnded = false
  /** The run has no end and gets none. */
  #isLost = false
  /** What has been missed because the transport was full: bytes if joined, since when, and from which event. */
  #behindBytes = 0
  #slowSinceMs: number | undefined
  #lastMissed: LoggedEvent | undefined
  #unfollow: Unfollow | undefined
  #settle!: (end: DeliveryEnd) => void

  constructor(
    key: RunKey,
    log: EventLog,
    outlet: Outlet,
    limits: Limits,
    lastSequence: number,
    { onStart, onFailure }: DeliveryListeners,
  ) {
    this.#onStart = onStart
    this.#onFailure = onFailure
    this.#key = key
    this.#log = log
    this.#outlet = outlet
    this.#limits = limits
    this.#position = lastSequence
    this.done = new Promise((resolve) => (this.#settle = resolve))
  }

  /** Sequence of the last event that was sent. */
  get position(): number {
    return this.#position
  }

  /** Begins to send, perhaps at once: by then its owner holds it and can end() it when the connection closes. */
  start(): void {
    void this.#follow()
  }

  /** Sends what the log has of a run that gets no end, and ends. */
  lose(): void {
    this.#isLost = true
    if (this.#isLive) this.end('lost')
  }

  /** Sends nothing more. */
  end(end: DeliveryEnd): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#settle(end)
    this.#unfollow?.()
  }

  async #follow(): Promise<void> {
    try {
      // First listen, then read: an event between the two is heard of, and read if it was not.
      const followed = this.#log.follow(this.#key, this.#hear)
      const unfollow = isPending(followed) ? await followed : followed
      if (this.#isEnded) return unfollow()
      this.#unfollow = unfollow
      await this.#catchUp()
    } catch (error) {
      this.#fail(error)
    }
  }

  // A log that cannot answer now has forgotten nothing: a client that comes back gets the rest.
  #fail(error: unknown): void {
    if (isContextError(error) && error.code === 'ERR_CONTEXT_RUN_NOT_FOUND') this.end('forgotten')
    else this.#onFailure(error)
  }

  readonly #hear = (event: LoggedEvent): void => {
    // Another listener of the same event may have ended this delivery.
    if (this.#isEnded) return
    this.#heard = Math.max(this.#heard, event.sequence)
    if (!this.#isLive) {
      if (this.#slowSinceMs !== undefined) this.#miss(event)
      return
    }
    if (event.sequence <= this.#position) return
    const isNext = event.sequence === this.#position + 1
    if (isNext && this.#outlet.hasRoom(event.bytes)) return this.#send(event)
    this.#isLive = false
    if (isNext) {
      this.#slowSinceMs = performance.now()
      this.#miss(event)
    }
    // Otherwise the log has told of events out of order, or not of all: they are read.
    this.#catchUp().catch((error: unknown) => this.#fail(error))
  }

  async #catchUp(): Promise<void> {
    while (!this.#isEnded) {
      if (this.#slowSinceMs !== undefined) await this.#outlet.room()
      if (this.#isEnded) return
      const read = this.#log.read(this.#key, this.#position, pageSize)
      const page = isPending(read) ? await read : read
      if (this.#isEnded) return
      if (this.#position > page.lastSequence) this.#position = page.lastSequence
      // A client that asks for what comes after the end of a run must not wait.
      const hasEnded =
        page.events.length === 0 &&
        page.lastSequence > 0 &&
        (await readEnd(this.#log, this.#key, page.lastSequence)) !== undefined
      if (this.#isEnded) return
      this.#sayStart(hasEnded)
      if (hasEnded) return this.end('completed')
      if (page.firstSequence > this.#position + 1) this.#sayGap(page.firstSequence)
      this.#sendPage(page.events)
      if (this.#position < page.lastSequence) continue
      if (this.#position >= this.#heard) {
        if (this.#isLost) return this.end('lost')
        this.#isLive = true
        this.#slowSinceMs = undefined
        this.#behindBytes = 0
        return
      }
      // A log that tells of an event before it can be read.
      if (page.events.length === 0) await nextTurn()
    }
  }

  #sendPage(events: readonly LoggedEvent[]): void {
    const isSlow = this.#slowSinceMs !== undefined
    for (let index = 0; index < events.length && !this.#isEnded;) {
      // A log with a hole may answer with what was sent already.
      if (events[index]!.sequence <= this.#position) {
        index++
        continue
      }
      const joined = isSlow ? joinPieces(events, index, this.#limits.eventBytes) : undefined
      const event = joined ?? events[index]!
      if (!this.#outlet.hasRoom(event.bytes)) {
        this.#slowSinceMs ??= performance.now()
        return
      }
      while (index < events.length && events[index]!.sequence <= event.sequence) index++
      this.#behindBytes = Math.max(0, this.#behindBytes - event.bytes)
      this.#send(event)
    }
  }

  #send(event: LoggedEvent): void {
    this.#position = event.sequence
    this.#outlet.send(event.text, event.bytes, event.sequence)
    if (isTerminal(event.type)) this.end('completed')
  }

  #miss(event: LoggedEvent): void {
    this.#behindBytes += toJoinedBytes(event, this.#lastMissed)
    this.#lastMissed = event
    const isTooFar = this.#behindBytes > this.#limits.bufferedBytesPerConnection
    if (isTooFar && performance.now() - this.#slowSinceMs! > this.#limits.slowReaderMs) this.#outlet.closeSlow()
  }

  #sayStart(hasEnded: boolean): void {
    const onStart = this.#onStart
    this.#onStart = undefined
    onStart?.({ lastSequence: this.#position, hasEnded })
  }

  #sayGap(firstSequence: number): void {
    const gap = { fromSequence: this.#position + 1, toSequence: firstSequence - 1 }
    const text = JSON.stringify({ version: wireVersion, type: 'resume_gap', runId: this.#key.runId, ...gap })
    this.#outlet.send(text, text.length)
    this.#position = firstSequence - 1
  }
}
