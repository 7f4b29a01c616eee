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

type Row = { readonly asked_at: string; readonly owner_key: string | null; readonly moved_at: string }
/** `since`: by the clock of the database. `upMs`: the same moment by the clock of this process that nobody sets. */
type Place = { since: string | undefined; upMs: number; heardUntilMs: number; known: Map<string, string> }

// Counted back by two clocks: one that is set back hides no move that comes after, and one that is set forward none
// that came before.
const movesSql = `SELECT now.moment::text AS asked_at, h.owner_key, h.moved_at::text AS moved_at
  FROM (SELECT statement_timestamp() AS moment) AS now LEFT JOIN uec.owner_homes AS h
    ON h.moved_at > least($1::timestamptz, now.moment - make_interval(secs => $2)) - interval '${overlap}'
  ORDER BY h.moved_at`

export class OwnerMoves {
  readonly #listeners = new Set<MoveListener>()
  readonly #places = new Map<Shard, Place>()
  readonly #looking = new Map<Shard, Promise<void>>()
  readonly #poll: NodeJS.Timeout
  readonly #unhear: readonly (() => void)[]

  constructor(shards: readonly Shard[], pollMs: number) {
    for (const shard of shards)
      this.#places.set(shard, { since: undefined, upMs: performance.now(), heardUntilMs: Date.now(), known: new Map() })
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
    const [askedAtMs, upMs] = [Date.now(), performance.now()]
    const { rows } = await queryDatabase<Row>(shard.postgres.service, {
      name: 'uec-moves',
      text: movesSql,
      values: [place.since, (upMs - place.upMs) / 1_000],
    })
    const homes = rows.flatMap(({ owner_key: owner, moved_at: at }) => (owner === null ? [] : [[owner, at] as const]))
    const moved = homes.filter(([owner, at]) => place.known.get(owner) !== at)
    place.known = new Map(homes)
    place.since = rows[0]!.asked_at
    place.upMs = upMs
    for (const [owner] of moved) for (const listener of this.#listeners) listener(owner, place.heardUntilMs)
    place.heardUntilMs = askedAtMs
  }
}
