/**
 * Which pools are those of a shard. A transaction there asks first whether its owner is at home.
 */
const shardPools = new WeakSet<object>()

/** Marks a pool as one of a shard. */
export const markShardPool = (pool: object): void => void shardPools.add(pool)

/** Whether owners may be at home elsewhere. */
export const isShardPool = (pool: object): boolean => shardPools.has(pool)
