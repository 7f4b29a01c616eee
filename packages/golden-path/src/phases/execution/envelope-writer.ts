/**
 * Makes the text of a run's events: once per event, whoever receives it.
 *
 * Thread, run and request never change in a run, so their part of the JSON is made once and only the data is
 * stringified per event (measured, `npm run bench`).
 */
import type { UserExecutionContext } from 'user-execution-context'
import type { LoggedEvent } from '../ports/event-log.ts'
import type { RunPosition } from '../ports/run-position.ts'
import { wireVersion, type RunEventType } from '../wire/wire-envelope.ts'

/** The time of now as ISO 8601, made once per millisecond. One per golden path. */
export class IsoClock {
  #ms = -1
  #text = ''

  now(): string {
    const ms = Date.now()
    if (ms !== this.#ms) {
      this.#ms = ms
      this.#text = new Date(ms).toISOString()
    }
    return this.#text
  }
}

/** Of which run the events are. */
export type RunIds = Pick<UserExecutionContext, 'threadId' | 'runId' | 'requestId'>

/** Numbers the events of one run and wraps them. */
export class EnvelopeWriter {
  readonly #clock: IsoClock
  readonly #afterTime: string
  #epoch!: number
  #sequence!: number
  #beforeSequence!: string
  /**
   * What stands between sequence and data, and of which type and time it is: in a burst it is the same again and again.
   */
  #middle = ''
  #middleType: RunEventType | undefined
  #middleTime = ''

  /** @param last - The last event of the run, and the epoch of the next. */
  constructor({ threadId, runId, requestId }: RunIds, last: RunPosition, clock: IsoClock) {
    this.#clock = clock
    // The id grammar has no quote, no back-slash and no control character: nothing to escape.
    this.#afterTime = `","threadId":"${threadId}","runId":"${runId}","requestId":"${requestId}","data":`
    this.goOn(last)
  }

  /** Goes on in a newer epoch, after what the run has. */
  goOn({ epoch, sequence }: RunPosition): void {
    this.#epoch = epoch
    this.#sequence = sequence
    this.#beforeSequence = `{"version":${wireVersion},"epoch":${epoch},"sequence":`
  }

  /** The next event, or undefined when it would be larger than allowed. `data` is JSON text. */
  write(type: RunEventType, data: string, maxBytes: number): LoggedEvent | undefined {
    const sequence = this.#sequence + 1
    const time = this.#clock.now()
    if (type !== this.#middleType || time !== this.#middleTime) {
      this.#middle = `,"type":"${type}","timestamp":"${time}${this.#afterTime}`
      this.#middleType = type
      this.#middleTime = time
    }
    const text = `${this.#beforeSequence}${sequence}${this.#middle}${data}}`
    // All but the data is ASCII (the id grammar sees to it), so only the data has to be counted.
    const bytes = text.length - data.length + Buffer.byteLength(data)
    if (bytes > maxBytes) return undefined
    this.#sequence = sequence
    return { epoch: this.#epoch, sequence, type, text, bytes }
  }
}
