/**
 * Which pools are those of a shard. A transaction there asks first whether its owner is at home.
 */
import type { SessionPool } from '../session/session-options.ts'

/** Calls a function with the pool of the shard that an owner is at home in, and again where they were not any more. */
export type SessionRoute = <Result>(act: (pool: SessionPool) => Promise<Result>) => Promise<Result>

const shardPools = new WeakSet<object>()
const routes = new WeakMap<object, SessionRoute>()

/** Marks a pool as one of a shard. */
export const markShardPool = (pool: object): void => void shardPools.add(pool)

/** Marks a pool that looks for the home of one owner among shards. */
export const markRoutedPool = (pool: object, route: SessionRoute): void => {
  markShardPool(pool)
  routes.set(pool, route)
}

/** Whether owners may be at home elsewhere. */
export const isShardPool = (pool: object): boolean => shardPools.has(pool)

/** How a session finds its pool: through the homes of owners, or it is the one that was given. */
export const toSessionRoute = (pool: SessionPool): SessionRoute => routes.get(pool) ?? ((act) => act(pool))
