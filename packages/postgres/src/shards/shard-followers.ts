/**
 * Who in this process follows runs and owners over several databases: where an owner is moved, they go along.
 */
import type { EventLog, LoggedEvent, RunKey, RunRecord, Unfollow } from '@user-execution-context/golden-path'
import { telling } from '../options/telling.ts'
import type { PostgresShards, Shard } from './shards.ts'

type Following = {
  /** Undefined until it is known, and again when nobody follows any more. */
  unfollow: Unfollow | undefined
  isOver: boolean
  readonly follow: (log: EventLog) => Promise<Unfollow>
  /** Tells what the move may have hidden. */
  readonly catchUp: (log: EventLog, heardUntilMs: number) => Promise<void>
}

/** Clocks of nodes differ, milliseconds. */
const clockMs = 10_000

export class ShardFollowers {
  readonly #shards: PostgresShards
  readonly #logOf: (shard: Shard) => EventLog
  readonly #onError: (error: unknown) => void
  readonly #followings = new Map<string, Set<Following>>()
  readonly #unhear: () => void

  constructor(shards: PostgresShards, logOf: (shard: Shard) => EventLog, onError: (error: unknown) => void) {
    this.#shards = shards
    this.#logOf = logOf
    this.#onError = onError
    this.#unhear = shards.onMove((ownerKey, heardUntilMs) => {
      for (const following of this.#followings.get(ownerKey) ?? [])
        this.#goAlong(ownerKey, following, heardUntilMs).catch(onError)
    })
  }

  followRun(key: RunKey, given: (event: LoggedEvent) => void): Promise<Unfollow> {
    const listener = telling(given, this.#onError)
    return this.#start(key.ownerKey, {
      ...begun(),
      follow: async (log) => log.follow(key, listener),
      // A run that is moved has ended, or never began. Readers who hear of its last event read what they miss.
      catchUp: async (log) => {
        const { epoch, lastSequence } = await log.read(key, { epoch: 1, sequence: 0 }, 1)
        if (lastSequence === 0) return
        const { events } = await log.read(key, { epoch, sequence: lastSequence - 1 }, 1)
        for (const event of events) listener(event)
      },
    })
  }

  followOwner(ownerKey: string, given: (run: RunRecord) => void): Promise<Unfollow> {
    const listener = telling(given, this.#onError)
    return this.#start(ownerKey, {
      ...begun(),
      follow: async (log) => log.followOwner(ownerKey, listener),
      // Runs that began there before this process heard of the move. One that was told of before is told of again.
      catchUp: async (log, heardUntilMs) => {
        for (const run of await log.list(ownerKey)) if (run.createdAtMs > heardUntilMs - clockMs) listener(run)
      },
    })
  }

  close(): void {
    this.#unhear()
    this.#followings.clear()
  }

  async #start(ownerKey: string, following: Following): Promise<Unfollow> {
    const followings = this.#followings.get(ownerKey) ?? new Set()
    this.#followings.set(ownerKey, followings)
    followings.add(following)
    const stop = (): void => {
      following.isOver = true
      following.unfollow?.()
      followings.delete(following)
      if (followings.size === 0 && this.#followings.get(ownerKey) === followings) this.#followings.delete(ownerKey)
    }
    try {
      await this.#follow(ownerKey, following)
      return stop
    } catch (error) {
      stop()
      throw error
    }
  }

  async #follow(ownerKey: string, following: Following): Promise<EventLog> {
    const [log, unfollow] = await this.#shards.route(ownerKey, async (shard) => {
      const found = this.#logOf(shard)
      return [found, await following.follow(found)] as const
    })
    following.unfollow?.()
    following.unfollow = unfollow
    if (following.isOver) unfollow()
    return log
  }

  async #goAlong(ownerKey: string, following: Following, heardUntilMs: number): Promise<void> {
    for (let attempt = 1; !following.isOver; attempt++) {
      try {
        const log = await this.#follow(ownerKey, following)
        return await following.catchUp(log, heardUntilMs)
      } catch (error) {
        // Nobody asks again for what nobody hears of. A follower comes back when the connection is cut.
        if (attempt === 5) return this.#onError(error)
      }
    }
  }
}

const begun = (): { unfollow: Unfollow | undefined; isOver: boolean } => ({ unfollow: undefined, isOver: false })
