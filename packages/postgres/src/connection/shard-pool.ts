/**
 * Which pools are those of a shard. A transaction there asks first whether its owner is at home.
 */
import type { SessionPool } from '../session/session-options.ts'
import { nameShard } from '../shards/shard-errors.ts'

/** Calls a function with the pool of the shard that an owner is at home in, and again where they were not any more. */
export type SessionRoute = <Result>(act: (pool: SessionPool) => Promise<Result>) => Promise<Result>

const shardPools = new WeakSet<object>()
const names = new WeakMap<object, string>()
const routes = new WeakMap<object, SessionRoute>()

/** Marks a pool as one of a shard. */
export const markShardPool = (pool: object): void => void shardPools.add(pool)

/** Lets the errors of a pool name a shard. */
export const namePool = (pool: object, shard: string): void => void names.set(pool, shard)

/** Marks a pool that looks for the home of one owner among shards. */
export const markRoutedPool = (pool: object, route: SessionRoute): void => {
  markShardPool(pool)
  routes.set(pool, route)
}

/** Whether owners may be at home elsewhere. */
export const isShardPool = (pool: object): boolean => shardPools.has(pool)

/** How a session finds its pool: through the homes of owners, or it is the one that was given. */
export const toSessionRoute = (pool: SessionPool): SessionRoute => {
  const route = routes.get(pool) ?? ((act) => act(pool))
  return (act) => route((found) => act(found).catch((error: unknown) => throwOf(found, error)))
}

/** An error, with the name of the shard where its pool has one. */
export const nameOf = (pool: object, error: unknown): unknown => {
  const name = names.get(pool)
  return name === undefined ? error : nameShard(name, error)
}

/** Throws an error, with the name of the shard where its pool has one. */
export const throwOf = (pool: object, error: unknown): never => {
  throw nameOf(pool, error)
}
