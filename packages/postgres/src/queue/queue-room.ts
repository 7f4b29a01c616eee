/**
 * Whether there is room for one more job that waits, over all users, nodes and databases.
 */
import { ContextError } from 'user-execution-context'
import { LastCounts } from '../connection/last-counts.ts'
import type { Postgres } from '../connection/open-database.ts'
import { queryDatabase } from '../connection/unreachable.ts'

const countSql = `SELECT place FROM uec.feed('{}', '{}', '{}', '{}', '{}', 0, true) WHERE kind = 'queue'`

export class QueueRoom {
  readonly #databases: readonly Postgres[]
  readonly #most: number
  readonly #last = new LastCounts()
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
    return this.#last.of(database, asking)
  }
}

/** The error that names a limit. */
export const tooManyRuns = (path: string): ContextError =>
  new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path, kind: 'too large' }] })
