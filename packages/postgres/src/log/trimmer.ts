/**
 * Trims the log from time to time. Every worker does, and the database lets one at a time.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'
import { queryDatabase } from '../connection/unreachable.ts'
import type { Retention } from './retention.ts'

/** Rows that one statement removes: some ten milliseconds, in which a run that executes may have to wait. */
const rowsAtOnce = 5_000
/** Between two statements, so that trimming takes a part of the server and never all of it, milliseconds. */
const pauseMs = 50

export class Trimmer {
  readonly #pool: Pool
  readonly #retention: Retention
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout
  #trimming: Promise<void> | undefined
  #isClosed = false

  constructor(pool: Pool, retention: Retention, onError: (error: unknown) => void) {
    this.#pool = pool
    this.#retention = retention
    this.#onError = onError
    // Nodes that started together do not look together.
    this.#timer = this.#startIn(Math.random() * retention.everyMs)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#trimming
  }

  #startIn(waitMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#trimming = this.#trimAll()
        .catch(this.#onError)
        .then(() => {
          if (!this.#isClosed) this.#timer = this.#startIn(this.#retention.everyMs)
        })
    }, waitMs).unref()
  }

  async #trimAll(): Promise<void> {
    while (!this.#isClosed && (await this.#trim())) await pause(pauseMs)
  }

  /** Whether there is more. */
  async #trim(): Promise<boolean> {
    const { maxAgeMs, runsPerUser, bytesPerUser, eventsPerRun } = this.#retention
    const { rows } = await queryDatabase<{ readonly is_more: boolean }>(this.#pool, {
      name: 'uec-trim',
      text: 'SELECT uec.trim(make_interval(secs => $1::double precision / 1000), $2, $3, $4, $5) AS is_more',
      values: [maxAgeMs, runsPerUser, bytesPerUser, eventsPerRun, rowsAtOnce],
    })
    return rows[0]!.is_more
  }
}
