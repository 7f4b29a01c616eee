/**
 * Where owners are at home. What one process believes is only where it looks first: the shard itself refuses an owner
 * who is not there, so a belief that is out of date costs time and never a row.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { queryDatabase } from '../connection/unreachable.ts'
import { findPlacement } from './recorded-placement.ts'
import { toHighestWeight } from './rendezvous.ts'
import { explainMove, isNotHere, notHere, unfitShards } from './shard-errors.ts'
import type { Shard } from './shards.ts'

type State = 'here' | 'draining' | 'moving' | undefined

/** Owners whose home is remembered, the latest asked for. Of 64 characters each they take some 20 MB. */
const maxRemembered = 100_000

export class OwnerHomes {
  readonly #shards: ReadonlyMap<string, Shard>
  readonly #moveWaitMs: number
  readonly #remembered = new Map<string, Shard>()
  readonly #finding = new Map<string, Promise<Shard>>()
  #placing: readonly string[]

  /** @param placing - The shards that new owners are placed on, as the databases have recorded. */
  constructor(shards: ReadonlyMap<string, Shard>, placing: readonly string[], moveWaitMs: number) {
    this.#shards = shards
    this.#placing = placing
    this.#moveWaitMs = moveWaitMs
  }

  /** Forgets where an owner was. */
  forget(ownerKey: string): void {
    this.#remembered.delete(ownerKey)
  }

  /** The home of an owner. One who is on the way is waited for. */
  of(ownerKey: string): Promise<Shard> {
    return this.route(ownerKey, async (shard) => shard)
  }

  /** Calls a function with the home of an owner, and again where the owner was not at home there any more. */
  async route<Result>(ownerKey: string, act: (shard: Shard) => Promise<Result>): Promise<Result> {
    const endsAtMs = performance.now() + this.#moveWaitMs
    for (let pauseMs = 0; ; pauseMs = Math.min(pauseMs * 2 + 20, 500)) {
      try {
        return await act(await this.#find(ownerKey))
      } catch (error) {
        // The first time it is asked again at once, however long that took: the memory of this process was old, or
        // another process has placed the owner meanwhile.
        const isOver = pauseMs > 0 && performance.now() + pauseMs > endsAtMs
        if (!isNotHere(error) || isOver) throw explainMove(error)
        this.forget(ownerKey)
        await pause(pauseMs)
      }
    }
  }

  /** @throws What {@link isNotHere} knows, for an owner who is on the way. */
  async #find(ownerKey: string): Promise<Shard> {
    const remembered = this.#remembered.get(ownerKey)
    const shard = remembered ?? (await this.#lookOnce(ownerKey))
    // The latest comes last, and the first goes when there are too many.
    this.#remembered.delete(ownerKey)
    this.#remembered.set(ownerKey, shard)
    if (this.#remembered.size > maxRemembered) this.#remembered.delete(this.#remembered.keys().next().value!)
    return shard
  }

  #lookOnce(ownerKey: string): Promise<Shard> {
    const finding = this.#finding.get(ownerKey)
    if (finding !== undefined) return finding
    const looking = this.#look(ownerKey).finally(() => this.#finding.delete(ownerKey))
    this.#finding.set(ownerKey, looking)
    return looking
  }

  /** Looks where the owner would be placed, then everywhere else, and places one whom nobody knows. */
  async #look(ownerKey: string): Promise<Shard> {
    const preferred = this.#preferred(ownerKey)
    const asking = this.#ask(preferred, ownerKey)
    // One that is away keeps nobody from a home elsewhere, and is waited for where there is none.
    const state = await asking.catch(() => undefined)
    if (isHome(state)) return preferred
    const others = [...this.#shards.values()].filter((shard) => shard !== preferred)
    const asked = others.map((shard) => this.#ask(shard, ownerKey))
    const home = await findFirst(others, asked)
    if (home !== undefined) return home
    const [, ...states] = await Promise.all([asking, ...asked])
    if (state !== 'moving' && !states.includes('moving') && (await this.#place(preferred, ownerKey))) return preferred
    // On the way, or somebody else has placed them meanwhile: whoever called looks again.
    throw Object.assign(new Error('No shard holds this owner.'), { code: notHere })
  }

  #preferred(ownerKey: string): Shard {
    const name = toHighestWeight(this.#placing, ownerKey)
    const shard = this.#shards.get(name)
    if (shard === undefined)
      throw unfitShards(`Owners are placed on "${name}" since this process started. Start it again with all shards.`)
    return shard
  }

  async #ask({ postgres }: Shard, ownerKey: string): Promise<State> {
    const { rows } = await queryDatabase<{ readonly state: State }>(postgres.service, {
      name: 'uec-find-home',
      text: 'SELECT state FROM uec.owner_homes WHERE owner_key = $1',
      values: [ownerKey],
    })
    return rows[0]?.state
  }

  /** Refused by the shard where it has other names recorded than this process knows. */
  async #place(shard: Shard, ownerKey: string): Promise<boolean> {
    const { rows } = await queryDatabase<{ readonly is_placed: boolean }>(shard.postgres.service, {
      name: 'uec-place-owner',
      text: 'SELECT uec.place_owner($1, $2) AS is_placed',
      values: [ownerKey, this.#placing],
    })
    if (rows[0]!.is_placed) return true
    this.#placing = (await findPlacement(shard.postgres.service))?.placing ?? this.#placing
    return false
  }
}

/** The shard whose answer says first that it is the home. Those that are away say nothing. */
async function findFirst(shards: readonly Shard[], asked: readonly Promise<State>[]): Promise<Shard | undefined> {
  const homes = asked.map(async (asking, index) => {
    if (!isHome(await asking)) throw new Error('Not here.')
    return shards[index]
  })
  return Promise.any(homes).catch(() => undefined)
}

function isHome(state: State): boolean {
  return state === 'here' || state === 'draining'
}
