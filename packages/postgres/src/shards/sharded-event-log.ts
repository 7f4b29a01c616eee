/**
 * The event log over several databases: each run is in the shard of its owner, and readers stay with an owner who is
 * moved.
 */
import type { Awaitable, EventLog, RunKey } from '@user-execution-context/golden-path'
import { eventLogChecks, postgresEventLog } from '../log/postgres-event-log.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../log/postgres-event-log.ts'
import { parseOptions } from '../options/parse-options.ts'
import { shards as shardsCheck } from '../options/port-checks.ts'
import { telling } from '../options/telling.ts'
import { ShardFollowers } from './shard-followers.ts'
import type { PostgresShards, Shard } from './shards.ts'

/** Options of {@link shardedEventLog}. */
export type ShardedEventLogOptions = Omit<PostgresEventLogOptions, 'postgres' | 'wakes'> & {
  readonly shards: PostgresShards
}

/** An event log over several databases, and what its queue needs of it. */
export type ShardedEventLog = EventLog & {
  /** The log of one shard. */
  readonly logOf: (shard: Shard) => PostgresEventLog
}

/**
 * The event log over several databases. Each shard has a log as postgresEventLog() gives it, and a call goes to that of
 * its owner: a shard that is away keeps the users of the others from nothing.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. Its functions throw `ERR_CONTEXT_OWNER_MOVING` for a new
 *   run of an owner who is being moved.
 * @example
 * ```ts
 * import { shardedEventLog, type PostgresShards } from '@user-execution-context/postgres'
 *
 * export const openLog = (shards: PostgresShards) => shardedEventLog({ shards })
 * ```
 */
export const shardedEventLog = (given: ShardedEventLogOptions): ShardedEventLog => {
  const { shards, ...options } = parseOptions(given, { shards: shardsCheck, ...eventLogChecks })
  const logs = new Map(
    shards.all.map((shard) => {
      const { postgres, wakes } = shard
      return [shard, postgresEventLog({ ...options, postgres, wakes })] as const
    }),
  )
  const logOf = (shard: Shard): PostgresEventLog => logs.get(shard)!
  const followers = new ShardFollowers(shards, logOf, telling(options.onError))
  const inLog = <Result>(
    { ownerKey }: Pick<RunKey, 'ownerKey'>,
    act: (log: EventLog) => Awaitable<Result>,
  ): Promise<Result> => shards.route(ownerKey, async (shard) => act(logOf(shard)))

  return Object.freeze({
    logOf,
    create: (run) => inLog(run, (log) => log.create(run)),
    discard: (key) => inLog(key, (log) => log.discard(key)),
    find: (key) => inLog(key, (log) => log.find(key)),
    list: (ownerKey) => inLog({ ownerKey }, (log) => log.list(ownerKey)),
    openWriter: (key) => inLog(key, (log) => log.openWriter(key)),
    read: (key, after, maxEvents) => inLog(key, (log) => log.read(key, after, maxEvents)),
    follow: (key, listener) => followers.followRun(key, listener),
    followOwner: (ownerKey, listener) => followers.followOwner(ownerKey, listener),
    close: async () => {
      followers.close()
      await Promise.all([...logs.values()].map((log) => log.close()))
    },
  } satisfies ShardedEventLog)
}
