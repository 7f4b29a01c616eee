/**
 * One transport as deliveries see it: is there room, hold back until the tick ends, close once.
 *
 * Texts of one tick leave in one write: several times cheaper for bursts, no slower for a single one (`npm run bench`),
 * no added latency beyond the callback that runs.
 */
import {
  addIdentityWatcher,
  ContextError,
  removeIdentityWatcher,
  toClientAnswer,
  type IdentityEndError,
  type IdentityWatcher,
  type UserExecutionContext,
  type VerifiedUser,
} from 'user-execution-context'
import type { Limits } from '../limits.ts'
import type { RunPosition } from '../ports/run-position.ts'
import type { Transport } from './transport.ts'

/** How often a full transport is checked, milliseconds. Transports have no common event for "drained". */
const pollMs = 20
/** How long a peer may take to answer a close before it is terminated, milliseconds. */
const closeGraceMs = 10_000

/** Lets go, when a tick ends, of all outlets that held back in it, in one callback. One per golden path. */
export class UncorkScheduler {
  #held: Outlet[] = []

  /** Lets go of an outlet when this tick ends. */
  schedule(outlet: Outlet): void {
    if (this.#held.length === 0) process.nextTick(this.#end)
    this.#held.push(outlet)
  }

  readonly #end = (): void => {
    const held = this.#held
    this.#held = []
    for (const outlet of held) outlet.uncork()
  }
}

/**
 * What is known of a full transport: how little waited at best, since when nothing more was taken, and what waits for
 * room.
 */
type Lag = { readonly poll: NodeJS.Timeout; lowest: number; stalledSinceMs: number; readonly resumes: (() => void)[] }

/** What all outlets of a golden path share: most of them idle, and each byte of them counts. */
export type OutletParts = {
  readonly limits: Limits
  readonly uncorkScheduler: UncorkScheduler
  /** Counts up: events of runs that were sent. */
  eventsDelivered: number
  /** Called once before an outlet closes for a reader that is too slow. */
  readonly onSlow: (outlet: Outlet) => void
  /** Called once when an outlet has closed, with the code where this side has closed it. */
  readonly onClose: (outlet: Outlet, closeCode: number | undefined) => void
}

/**
 * Sends to one transport within its bounds, until the identity ends that it watches. Few fields, and no function of its
 * own: most idle.
 */
export class Outlet implements IdentityWatcher {
  readonly #transport: Transport
  readonly #parts: OutletParts
  /** Until when what is sent is held back: the end of the tick, or the first event before it. */
  #heldUntil: 'tick' | 'event' | undefined
  /** No fewer bytes than those that wait: what waited when the transport was asked, and all that was sent since. */
  #waitingAtMost = 0
  /** Made when the transport is full, which most never are. */
  #lag: Lag | undefined
  /** Made when it closes. `grace` ends a peer that does not answer. */
  #closed: { grace: NodeJS.Timeout | undefined } | undefined
  #identity: UserExecutionContext | VerifiedUser | undefined

  constructor(transport: Transport, parts: OutletParts) {
    this.#transport = transport
    this.#parts = parts
  }

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  /** Where its client is, if the transport knows. Personal data. */
  get address(): string | undefined {
    return this.#transport.address
  }

  /**
   * Whether so many more bytes may wait. A transport that room() calls drained takes anything: a delivery that
   * waits for room and is refused then would ask again without end, within one turn of the event loop.
   */
  hasRoom(bytes: number): boolean {
    const limit = this.#parts.limits.bufferedBytesPerConnection
    if (this.#waitingAtMost + bytes <= limit) return true
    // Asking costs more than counting, so it is asked only when the count says that it may be full.
    this.#waitingAtMost = this.#transport.bufferedAmount
    return this.#waitingAtMost + bytes <= limit || Outlet.#isDrained(this)
  }

  /** Sends a text of so many bytes. A transport that throws is closed. */
  send(text: string, bytes: number, position?: RunPosition): void {
    if (this.isClosed) return
    this.#waitingAtMost += bytes
    if (position !== undefined) this.#parts.eventsDelivered++
    try {
      Outlet.#cork(this)
      this.#transport.send(text, position, bytes)
    } catch {
      return this.close(1011, 'The connection failed.')
    }
    if (this.#heldUntil === 'event' && position !== undefined) this.uncork()
  }

  /**
   * Sends a text that is no event of a run. It is in no log, so it cannot wait there: a reader that takes none is
   * closed.
   */
  sendText(text: string): void {
    const bytes = Buffer.byteLength(text)
    const { bufferedBytesPerConnection, messageBytes } = this.#parts.limits
    // A little more than events may take: a reader that has all of those still to read is answered.
    if (!this.hasRoom(bytes) && this.#waitingAtMost + bytes > bufferedBytesPerConnection + messageBytes)
      return this.closeSlow()
    this.send(text, bytes)
  }

  /**
   * Sends the answer to a request. It leaves together with the first event that it causes in this tick, and at once:
   * one write and one wake-up of the client less. Without an event it leaves when the tick ends.
   */
  answer(text: string): void {
    this.sendText(text)
    if (this.#heldUntil !== undefined) this.#heldUntil = 'event'
  }

  /** Lets go what was held back. One transport that throws keeps no other from its turn. */
  uncork(): void {
    // Once for each cork(): a stream of Node counts, and would hold back from then on.
    if (this.#heldUntil === undefined) return
    this.#heldUntil = undefined
    try {
      this.#transport.uncork?.()
    } catch {
      this.close(1011, 'The connection failed.')
    }
  }

  /**
   * Resolves when at most a quarter of the bound waits, or the outlet has closed. Closes a reader that takes nothing.
   */
  room(): Promise<void> {
    if (this.isClosed || Outlet.#isDrained(this)) return Promise.resolve()
    this.#lag ??= {
      poll: setInterval(() => Outlet.#checkLag(this), pollMs),
      lowest: this.#transport.bufferedAmount,
      stalledSinceMs: performance.now(),
      resumes: [],
    }
    const { resumes } = this.#lag
    return new Promise((resolve) => resumes.push(resolve))
  }

  /** Closes for a reader that is too slow. It can resume. */
  closeSlow(): void {
    if (this.isClosed) return
    this.#parts.onSlow(this)
    const { closeCode, message } = toClientAnswer(new ContextError('ERR_CONTEXT_SLOW_READER'))
    this.close(closeCode, message)
  }

  /** Closes with an identity, in place of the one before. The caller has checked whose it is. */
  watch(identity: UserExecutionContext | VerifiedUser): void {
    Outlet.#unwatch(this)
    this.#identity = identity
    if (!this.isClosed) addIdentityWatcher(identity, this)
  }

  /** The identity has ended. */
  identityEnded(error: IdentityEndError): void {
    const { closeCode, message } = toClientAnswer(error)
    this.close(closeCode, message)
  }

  /** Closes the transport, once, and terminates a peer that does not answer. */
  close(code: number, reason: string): void {
    if (this.isClosed) return
    Outlet.#end(this, code)
    try {
      this.#transport.close(code, reason)
    } catch {
      this.#transport.terminate?.()
      return
    }
    if (this.#transport.terminate)
      this.#closed!.grace = setTimeout(() => this.#transport.terminate?.(), closeGraceMs).unref()
  }

  /** Lets go of a transport that has closed. */
  release(): void {
    clearTimeout(this.#closed?.grace)
    if (!this.isClosed) Outlet.#end(this, undefined)
  }

  // Static: a class that has private methods marks each of its objects, which costs as much as a field.
  static #cork(outlet: Outlet): void {
    if (outlet.#heldUntil !== undefined) return
    outlet.#heldUntil = 'tick'
    outlet.#transport.cork?.()
    outlet.#parts.uncorkScheduler.schedule(outlet)
  }

  static #end(outlet: Outlet, closeCode: number | undefined): void {
    outlet.#closed = { grace: undefined }
    Outlet.#unwatch(outlet)
    Outlet.#wake(outlet)
    outlet.#parts.onClose(outlet, closeCode)
  }

  static #unwatch(outlet: Outlet): void {
    if (outlet.#identity !== undefined) removeIdentityWatcher(outlet.#identity, outlet)
  }

  static #isDrained(outlet: Outlet): boolean {
    return outlet.#transport.bufferedAmount <= outlet.#parts.limits.bufferedBytesPerConnection / 4
  }

  static #checkLag(outlet: Outlet): void {
    const lag = outlet.#lag
    if (lag === undefined) return
    const waiting = outlet.#transport.bufferedAmount
    if (waiting < lag.lowest) {
      lag.lowest = waiting
      lag.stalledSinceMs = performance.now()
    }
    if (Outlet.#isDrained(outlet)) Outlet.#wake(outlet)
    else if (performance.now() - lag.stalledSinceMs > outlet.#parts.limits.stalledReaderMs) outlet.closeSlow()
  }

  static #wake(outlet: Outlet): void {
    const lag = outlet.#lag
    if (lag === undefined) return
    outlet.#lag = undefined
    clearInterval(lag.poll)
    for (const resume of lag.resumes) resume()
  }
}
