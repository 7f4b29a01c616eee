/**
 * Whether there is room for one more job that waits, over all users, nodes and databases.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError } from 'user-execution-context'
import type { Postgres } from '../connection/open-database.ts'
import { queryDatabase } from '../connection/unreachable.ts'

/** How long another database is waited for before what it said last is taken, milliseconds. */
const otherMs = 1_000
const countSql = `SELECT place FROM uec.feed('{}', '{}', '{}', '{}', '{}', 0, true) WHERE kind = 'queue'`

export class QueueRoom {
  readonly #databases: readonly Postgres[]
  readonly #most: number
  readonly #last = new Map<Postgres, number>()
  /** How many waited when it was asked last, and how many this process has added since. */
  #waiting = { count: 0, atMs: -Infinity }

  constructor(databases: readonly Postgres[], most: number) {
    this.#databases = databases
    this.#most = most
  }

  /** @throws {ContextError} `ERR_CONTEXT_TOO_MANY_RUNS`. */
  async assert(): Promise<void> {
    const isOld = performance.now() - this.#waiting.atMs > 1_000
    if (!isOld && this.#waiting.count < this.#most) return
    this.#waiting = { count: await this.count(), atMs: performance.now() }
    if (this.#waiting.count >= this.#most) throw tooManyRuns('limits.queuedRuns')
  }

  /** How many wait, asked now. */
  async count(): Promise<number> {
    const counts = await Promise.all(this.#databases.map((database) => this.#count(database)))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** One more waits. */
  add(): void {
    this.#waiting.count++
  }

  async #count(database: Postgres): Promise<number> {
    const statement = { name: 'uec-count-queue', text: countSql }
    const asking = queryDatabase<{ readonly place: string | null }>(database.service, statement).then(({ rows }) =>
      Number(rows[0]?.place ?? 0),
    )
    if (this.#databases.length === 1) return asking
    // A database that is away keeps the users of the others from nothing.
    const known = asking.then(
      (count) => void this.#last.set(database, count),
      () => undefined,
    )
    await Promise.race([known, pause(otherMs, undefined, { ref: false })])
    return this.#last.get(database) ?? 0
  }
}

/** The error that names a limit. */
export const tooManyRuns = (path: string): ContextError =>
  new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path, kind: 'too large' }] })
