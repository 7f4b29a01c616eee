/**
 * A count over several databases: one that is away keeps the users of the others from nothing, and counts as it did
 * last.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Postgres } from './open-database.ts'

/** How long another database is waited for before what it said last is taken, milliseconds. */
const otherMs = 1_000

export class LastCounts {
  readonly #last = new Map<Postgres, number>()

  /** @param asking - What the database answers. */
  async of(database: Postgres, asking: Promise<number>): Promise<number> {
    const known = asking.then(
      (count) => void this.#last.set(database, count),
      () => undefined,
    )
    await Promise.race([known, pause(otherMs, undefined, { ref: false })])
    return this.#last.get(database) ?? 0
  }
}
