/**
 * Stores of owners over several databases: each call goes to the shard of its owner.
 */
import type { HandleEntry, HandleStore } from 'user-execution-context'
import type { StartKeyStore } from '@user-execution-context/golden-path'
import { LastCounts } from '../connection/last-counts.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import { assertFits, parseOptions } from '../options/parse-options.ts'
import { shards as shardsCheck } from '../options/port-checks.ts'
import { markKeyStore } from '../stores/key-stores.ts'
import { postgresHandleStore } from '../stores/postgres-handle-store.ts'
import { postgresStartKeys, startKeyChecks, type PostgresStartKeysOptions } from '../stores/postgres-start-keys.ts'
import type { PostgresShards } from './shards.ts'

/** Options of {@link shardedStartKeys}. */
export type ShardedStartKeysOptions = Omit<PostgresStartKeysOptions, 'postgres'> & { readonly shards: PostgresShards }

/**
 * The store of idempotency keys over several databases: see postgresStartKeys().
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { defaultLimits } from '@user-execution-context/golden-path'
 * import { shardedStartKeys, type PostgresShards } from '@user-execution-context/postgres'
 *
 * export const openKeys = (shards: PostgresShards) => shardedStartKeys({ shards, limits: defaultLimits })
 * ```
 */
export const shardedStartKeys = (given: ShardedStartKeysOptions): StartKeyStore => {
  const { shards, ...options } = parseOptions(given, { shards: shardsCheck, ...startKeyChecks })
  const stores = new Map(
    shards.all.map((shard) => [shard, postgresStartKeys({ ...options, postgres: shard.postgres })] as const),
  )
  const store = Object.freeze({
    claim: (key, run) => shards.route(key.ownerKey, async (shard) => stores.get(shard)!.claim(key, run)),
    confirm: (key, run) => shards.route(key.ownerKey, async (shard) => stores.get(shard)!.confirm(key, run)),
    release: (key, run) => shards.route(key.ownerKey, async (shard) => stores.get(shard)!.release(key, run)),
  } satisfies StartKeyStore)
  markKeyStore(store, shards)
  return store
}

/**
 * The store of ownedHandles() over several databases: see postgresHandleStore(). `maxPerUser` holds exactly. `maxTotal`
 * counts all shards, and may be passed by what others insert at the same moment in another shard. One that is away
 * counts as it did last.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` without a worker's login in every shard.
 * @example
 * ```ts
 * import { ownedHandles } from 'user-execution-context'
 * import { shardedHandleStore, type PostgresShards } from '@user-execution-context/postgres'
 *
 * export const openSearches = (shards: PostgresShards) => {
 *   const store = shardedHandleStore<{ readonly cursor: number }>(shards)
 *   return ownedHandles({ ttlMs: 600_000, maxPerUser: 10, maxTotal: 10_000, store })
 * }
 * ```
 */
export const shardedHandleStore = <Value>(shards: PostgresShards): HandleStore<Value> => {
  assertFits(shards, 'shards', shardsCheck)
  const stores = new Map(
    shards.all.map((shard) => [shard, postgresHandleStore<Value>({ postgres: shard.postgres })] as const),
  )
  let turn = 0
  const last = new LastCounts()
  const count = async (pool: (typeof shards.home.postgres)['worker']): Promise<number> => {
    const { rows } = await queryDatabase<{ readonly count: string }>(pool, {
      text: 'SELECT uec.count_handles() AS count',
    })
    return Number(rows[0]!.count)
  }
  return Object.freeze({
    insert: (entry: HandleEntry<Value>, { maxPerUser, maxTotal }) =>
      shards.route(entry.ownerKey, async (shard) => {
        const others = shards.all.filter((other) => other !== shard)
        const counts = await Promise.all(others.map(({ postgres }) => last.of(postgres, count(postgres.worker))))
        const left = maxTotal - counts.reduce((sum, each) => sum + each, 0)
        return stores.get(shard)!.insert(entry, { maxPerUser, maxTotal: Math.max(0, left) })
      }),
    find: (ownerKey, digest) => shards.route(ownerKey, async (shard) => stores.get(shard)!.find(ownerKey, digest)),
    retie: (ownerKey, digest, tie) =>
      shards.route(ownerKey, async (shard) => stores.get(shard)!.retie(ownerKey, digest, tie)),
    remove: (ownerKey, digest) => shards.route(ownerKey, async (shard) => stores.get(shard)!.remove(ownerKey, digest)),
    takeEnded: async (maxEntries) => {
      const taken: HandleEntry<Value>[] = []
      // Another shard is first each time: none is forgotten for those before it.
      const first = turn++ % shards.all.length
      for (const shard of [...shards.all.slice(first), ...shards.all.slice(0, first)]) {
        if (taken.length >= maxEntries) break
        try {
          taken.push(...(await stores.get(shard)!.takeEnded(maxEntries - taken.length)))
        } catch (error) {
          // What was taken is gone there: whoever clears up must have it.
          if (taken.length === 0) throw error
          break
        }
      }
      return taken
    },
  } satisfies HandleStore<Value>)
}
