/**
 * How a process hears that owners were moved: a wake says so, and a poll heals a wake that was lost.
 */
import { queryDatabase } from '../connection/unreachable.ts'
import { telling } from '../options/telling.ts'
import { toTopic } from '../wakes/wake-channel.ts'
import type { MoveListener, Shard } from './shards.ts'

/** The topic of moves. */
export const moveTopic = toTopic('moves')

/** Rows are committed in another order than they were timed: rows this recent are read again. */
const overlap = '10 seconds'

type Row = { readonly owner_key: string; readonly moved_at: string }
type Place = { since: string | undefined; heardUntilMs: number; known: Map<string, string> }

export class OwnerMoves {
  readonly #listeners = new Set<MoveListener>()
  readonly #places = new Map<Shard, Place>()
  readonly #looking = new Map<Shard, Promise<void>>()
  readonly #poll: NodeJS.Timeout
  readonly #unhear: readonly (() => void)[]

  constructor(shards: readonly Shard[], pollMs: number) {
    for (const shard of shards)
      this.#places.set(shard, { since: undefined, heardUntilMs: Date.now(), known: new Map() })
    this.#unhear = shards.map((shard) =>
      shard.wakes.hear((topics) => {
        if (topics === undefined || topics.has(moveTopic)) this.#look(shard)
      }),
    )
    this.#poll = setInterval(() => shards.forEach((shard) => this.#look(shard)), pollMs).unref()
  }

  on(given: MoveListener): () => void {
    const listener = telling(given)
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    clearInterval(this.#poll)
    for (const unhear of this.#unhear) unhear()
    this.#listeners.clear()
    await Promise.all(this.#looking.values())
  }

  #look(shard: Shard): void {
    if (this.#looking.has(shard)) return
    // A shard that is away is asked again in the next round.
    const looking = this.#ask(shard).catch(() => undefined)
    this.#looking.set(
      shard,
      looking.finally(() => this.#looking.delete(shard)),
    )
  }

  async #ask(shard: Shard): Promise<void> {
    const place = this.#places.get(shard)!
    const askedAtMs = Date.now()
    const { rows } = await queryDatabase<Row>(shard.postgres.service, {
      name: 'uec-moves',
      text: `SELECT owner_key, moved_at::text AS moved_at FROM uec.owner_homes
        WHERE moved_at > coalesce($1::timestamptz, clock_timestamp()) - interval '${overlap}' ORDER BY moved_at`,
      values: [place.since],
    })
    const moved = rows.filter((row) => place.known.get(row.owner_key) !== row.moved_at)
    place.known = new Map(rows.map((row) => [row.owner_key, row.moved_at]))
    place.since = rows.at(-1)?.moved_at ?? place.since
    for (const { owner_key: ownerKey } of moved)
      for (const listener of this.#listeners) listener(ownerKey, place.heardUntilMs)
    place.heardUntilMs = askedAtMs
  }
}
