/**
 * Ends runs that were filed and never queued: their process was lost between both, and no client asked again. Every
 * worker looks from time to time, and the database gives each run to one of them.
 */
import { ContextError, toClientAnswer } from 'user-execution-context'
import { queryDatabase } from '../connection/unreachable.ts'
import { toTopic } from '../wakes/wake-channel.ts'
import type { PostgresRunQueueOptions } from './queue-options.ts'

/** Runs that one statement ends. */
const runsAtOnce = 100

export class UnqueuedRuns {
  readonly #options: PostgresRunQueueOptions
  readonly #unqueuedMs: number
  readonly #failure: string
  #timer: NodeJS.Timeout
  #ending: Promise<void> | undefined
  #isClosed = false

  constructor(options: PostgresRunQueueOptions) {
    this.#options = options
    this.#unqueuedMs = options.unqueuedMs ?? 60_000
    const { code, message } = toClientAnswer(new ContextError('ERR_CONTEXT_WORKER_LOST'))
    this.#failure = JSON.stringify({ code, message })
    // Workers that started together do not look together.
    this.#timer = this.#lookIn(Math.random() * 0.5 * this.#unqueuedMs)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#ending
  }

  #lookIn(waitMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#ending = this.#endAll()
        .catch((error: unknown) => this.#options.onError?.(error))
        .then(() => {
          if (!this.#isClosed) this.#timer = this.#lookIn(this.#unqueuedMs / 2)
        })
    }, waitMs).unref()
  }

  async #endAll(): Promise<void> {
    while (!this.#isClosed && (await this.#end()) === runsAtOnce);
  }

  async #end(): Promise<number> {
    const { postgres, eventLog } = this.#options
    const { rows } = await queryDatabase<{ readonly owner_key: string; readonly run_id: string }>(postgres.worker, {
      name: 'uec-end-unqueued',
      text: 'SELECT owner_key, run_id FROM uec.end_unqueued(make_interval(secs => $1), $2, $3)',
      values: [this.#unqueuedMs / 1_000, this.#failure, runsAtOnce],
    })
    const topics = rows.flatMap(({ owner_key: owner, run_id: run }) => [toTopic(owner), toTopic(owner, run)])
    eventLog.wake(new Set(topics))
    return rows.length
  }
}
