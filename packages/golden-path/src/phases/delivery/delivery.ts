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
import { isAfter, runStart, type LostEvents, type RunPosition } from '../ports/run-position.ts'
import { joinPieces, toJoinedBytes } from './join-pieces.ts'
import type { Limits } from '../limits.ts'
import type { Outlet } from '../connection/outlet.ts'
import { readEnd } from './read-end.ts'
import { isTerminal, wireVersion } from '../wire/wire-envelope.ts'

const pageSize = 256
/** How often in a row a log is asked for an event that it has told of, before that counts as lost. */
const maxEmptyPages = 100

/**
 * How a delivery ended: the run's last event was sent, the connection closed, the run is no longer held, or the log did
 * not take the run's end, so that none will come.
 */
export type DeliveryEnd = 'completed' | 'closed' | 'forgotten' | 'lost'

/** Where a delivery goes on: after this event, or, when the run has ended there, not at all. */
export type DeliveryStart = { readonly epoch: number; readonly lastSequence: number; readonly hasEnded: boolean }

/** What is delivered, from where to where, after which event, and who is told. */
export type DeliveryParts = {
  readonly key: RunKey
  readonly log: EventLog
  readonly outlet: Outlet
  readonly limits: Limits
  readonly position: RunPosition
  /** Called once: before the first event is sent, or when there is none to send. */
  readonly onStart: ((start: DeliveryStart) => void) | undefined
  readonly onFailure: (error: unknown) => void
}

export class Delivery {
  /** Settles when nothing more will be sent. Never rejects. */
  readonly done: Promise<DeliveryEnd>
  readonly #key: RunKey
  readonly #log: EventLog
  readonly #outlet: Outlet
  readonly #limits: Limits
  readonly #onFailure: DeliveryParts['onFailure']
  #onStart: DeliveryParts['onStart']
  /** The last event that was sent. */
  #position: RunPosition
  /** The last event heard of. */
  #heard: RunPosition = runStart
  #hearings = 0
  #isLive = false
  #isEnded = false
  /** The run has no end and gets none. */
  #isLost = false
  /** What has been missed because the transport was full: bytes if joined, since when, and from which event. */
  #behindBytes = 0
  #slowSinceMs: number | undefined
  #lastMissed: LoggedEvent | undefined
  #unfollow: Unfollow | undefined
  #onLive: (() => void) | undefined
  #settle!: (end: DeliveryEnd) => void

  constructor({ key, log, outlet, limits, position, onStart, onFailure }: DeliveryParts) {
    this.#onStart = onStart
    this.#onFailure = onFailure
    this.#key = key
    this.#log = log
    this.#outlet = outlet
    this.#limits = limits
    this.#position = position
    this.done = new Promise((resolve) => (this.#settle = resolve))
  }

  /** The last event that was sent. */
  get position(): RunPosition {
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

  /** Resolves when all that the log has told of is sent: a run that another process executes may go on for hours. */
  flush(): Promise<unknown> {
    if (this.#isLive) return Promise.resolve()
    return Promise.race([this.done, new Promise<void>((resolve) => (this.#onLive = resolve))])
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
    this.#hearings++
    if (isAfter(event, this.#heard)) this.#heard = event
    if (!this.#isLive) {
      if (this.#slowSinceMs !== undefined) this.#miss(event)
      return
    }
    if (!isAfter(event, this.#position)) return
    const isNext = event.sequence === this.#position.sequence + 1
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
    for (let emptyPages = 0; !this.#isEnded;) {
      if (this.#slowSinceMs !== undefined) await this.#outlet.room()
      if (this.#isEnded) return
      const hearings = this.#hearings
      const read = this.#log.read(this.#key, this.#position, pageSize)
      const page = isPending(read) ? await read : read
      if (this.#isEnded) return
      const { lost, epoch, firstSequence, lastSequence } = page
      if (lost !== undefined) this.#goBack(lost.epoch, lost.fromSequence - 1, hearings)
      // A log that does not say what is lost.
      else if (this.#position.sequence > lastSequence) this.#goBack(epoch, lastSequence, hearings)
      // A client that requests what comes after the end of a run must not wait.
      const hasEnded =
        page.events.length === 0 && lastSequence > 0 && (await readEnd(this.#log, this.#key, page)) !== undefined
      if (this.#isEnded) return
      this.#sayStart(hasEnded)
      if (hasEnded) return this.end('completed')
      if (lost !== undefined) this.#sayLost(lost)
      if (firstSequence > this.#position.sequence + 1) this.#sayTrimmed(firstSequence)
      this.#sendPage(page.events)
      if (this.#position.sequence < lastSequence) continue
      if (!isAfter(this.#heard, this.#position)) {
        if (this.#isLost) return this.end('lost')
        this.#isLive = true
        this.#slowSinceMs = undefined
        this.#behindBytes = 0
        this.#onLive?.()
        return
      }
      // A log that tells of an event before it can be read.
      if (page.events.length > 0) emptyPages = 0
      else if (++emptyPages < maxEmptyPages) await nextTurn()
      else this.#heard = this.#position
    }
  }

  #sendPage(events: readonly LoggedEvent[]): void {
    const isSlow = this.#slowSinceMs !== undefined
    for (let index = 0; index < events.length && !this.#isEnded;) {
      // A log with a hole may answer with what was sent already.
      if (events[index]!.sequence <= this.#position.sequence) {
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
    this.#position = event
    this.#outlet.send(event.text, event.bytes, event)
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
    onStart?.({ epoch: this.#position.epoch, lastSequence: this.#position.sequence, hasEnded })
  }

  #goBack(epoch: number, sequence: number, hearings: number): void {
    this.#position = { epoch, sequence }
    // What was heard of may be lost too, but not what was heard since the log was asked.
    if (hearings === this.#hearings) this.#heard = runStart
  }

  #sayLost({ epoch, fromSequence, toSequence }: LostEvents): void {
    this.#sayGap({ epoch, fromSequence, toSequence, reason: 'lost' })
  }

  #sayTrimmed(firstSequence: number): void {
    const { epoch, sequence } = this.#position
    this.#sayGap({ epoch, fromSequence: sequence + 1, toSequence: firstSequence - 1, reason: 'trimmed' })
    this.#position = { epoch, sequence: firstSequence - 1 }
  }

  #sayGap(gap: LostEvents & { readonly reason: 'lost' | 'trimmed' }): void {
    const text = JSON.stringify({ version: wireVersion, type: 'resume_gap', runId: this.#key.runId, ...gap })
    this.#outlet.send(text, text.length)
  }
}
