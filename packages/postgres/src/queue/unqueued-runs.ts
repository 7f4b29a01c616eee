/**
 * Ends runs that were filed and never queued: their process was lost between both, and no client asked again. Every
 * worker looks from time to time, and the database gives each run to one of them.
 */
import { ContextError, toClientAnswer } from 'user-execution-context'
import type { UnexecutedEnd } from '@user-execution-context/golden-path'
import { queryDatabase } from '../connection/unreachable.ts'
import { toTopic } from '../wakes/wake-channel.ts'
import type { PostgresRunQueueOptions } from './queue-options.ts'

type Row = {
  readonly owner_key: string
  readonly thread_id: UnexecutedEnd['threadId']
  readonly run_id: UnexecutedEnd['runId']
  readonly request_id: UnexecutedEnd['requestId']
}

/** Runs that one statement ends. */
const runsAtOnce = 100

export class UnqueuedRuns {
  readonly #options: PostgresRunQueueOptions
  readonly #unqueuedMs: number
  readonly #code: string
  readonly #failure: string
  readonly #onEnd: (end: UnexecutedEnd) => void
  #timer: NodeJS.Timeout
  #ending: Promise<void> | undefined
  #isClosed = false

  /** @param onEnd - Told of each run that this process has ended. */
  constructor(options: PostgresRunQueueOptions, onEnd: (end: UnexecutedEnd) => void) {
    this.#options = options
    this.#onEnd = onEnd
    this.#unqueuedMs = options.unqueuedMs ?? 60_000
    const { code, message } = toClientAnswer(new ContextError('ERR_CONTEXT_WORKER_LOST'))
    this.#code = code
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
    const { rows } = await queryDatabase<Row>(postgres.worker, {
      name: 'uec-end-unqueued',
      text: 'SELECT * FROM uec.end_unqueued(make_interval(secs => $1), $2, $3)',
      values: [this.#unqueuedMs / 1_000, this.#failure, runsAtOnce],
    })
    const topics = rows.flatMap(({ owner_key: owner, run_id: run }) => [toTopic(owner), toTopic(owner, run)])
    eventLog.wake(new Set(topics))
    for (const { thread_id: threadId, run_id: runId, request_id: requestId } of rows)
      this.#onEnd({ threadId, runId, requestId, outcome: 'failed', code: this.#code })
    return rows.length
  }
}
