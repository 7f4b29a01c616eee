/**
 * The run queue over several databases: a job is in the shard of its owner, and a worker claims from all of them.
 */
import { assertLive, requireContext, toOwnerKey } from 'user-execution-context'
import type { RunQueue } from '@user-execution-context/golden-path'
import { callable, having, parseOptions } from '../options/parse-options.ts'
import { shards as shardsCheck } from '../options/port-checks.ts'
import { openRunQueue } from '../queue/postgres-run-queue.ts'
import { queueChecks, type PostgresRunQueueOptions } from '../queue/queue-options.ts'
import { QueueRoom } from '../queue/queue-room.ts'
import { WorkerSlots } from '../queue/worker-slots.ts'
import { isKeyStoreOf } from '../stores/key-stores.ts'
import type { ShardedEventLog } from './sharded-event-log.ts'
import type { PostgresShards } from './shards.ts'

/** Options of {@link shardedRunQueue}. */
export type ShardedRunQueueOptions = Omit<PostgresRunQueueOptions, 'postgres' | 'wakes' | 'eventLog'> & {
  readonly shards: PostgresShards
  readonly eventLog: ShardedEventLog
}

/**
 * The run queue over several databases. Users of one shard take turns as postgresRunQueue() has it; between shards a
 * process gives a free slot to the one that was served longest ago. `limits.queuedRuns` counts all shards that answer.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { shardedRunQueue, type ShardedRunQueueOptions } from '@user-execution-context/postgres'
 *
 * export const openQueue = (options: ShardedRunQueueOptions) => shardedRunQueue(options)
 * ```
 */
export const shardedRunQueue = (given: ShardedRunQueueOptions): RunQueue => {
  const checks = { shards: shardsCheck, eventLog: having({ logOf: callable }), ...queueChecks }
  const { shards, eventLog, ...options } = parseOptions(given, checks)
  const { limits } = options
  const databases = shards.all.map(({ postgres }) => postgres)
  const parts = { room: new QueueRoom(databases, limits.queuedRuns), slots: new WorkerSlots(limits.concurrentRuns) }
  const queues = new Map(
    shards.all.map((shard) => {
      const { postgres, wakes } = shard
      return [shard, openRunQueue({ ...options, postgres, wakes, eventLog: eventLog.logOf(shard) }, parts)] as const
    }),
  )
  const all = [...queues.values()]

  return Object.freeze({
    isShared: true,
    countWaiting: () => parts.room.count(),
    enqueue: async (job, onQueued) => {
      requireContext(job.context)
      assertLive(job.context)
      await shards.route(toOwnerKey(job.context), async (shard) => queues.get(shard)!.enqueue(job, onQueued))
    },
    fileAndEnqueue: async (job, onQueued, key) => {
      requireContext(job.context)
      assertLive(job.context)
      const ownerKey = toOwnerKey(job.context)
      return shards.route(ownerKey, async (shard) => queues.get(shard)!.fileAndEnqueue!(job, onQueued, key))
    },
    claimsKeysOf: (keys) => isKeyStoreOf(keys, shards),
    process: (...given) => {
      for (const queue of all) queue.process(...given)
    },
    cancel: (key, reason) => shards.route(key.ownerKey, (shard) => queues.get(shard)!.cancel(key, reason)),
    drain: () => {
      for (const queue of all) queue.drain?.()
    },
    close: async (closing) => void (await Promise.all(all.map((queue) => queue.close(closing)))),
  } satisfies RunQueue)
}
