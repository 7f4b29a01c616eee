// Two databases of a test file as shards, on the server of the run.
import { createForUser, liveSessions, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import type { Limits } from '@user-execution-context/golden-path'
import { openPostgres, shardedEventLog, shardedRunQueue, type ShardedRunQueueOptions } from '../../src/index.ts'
import type { PostgresShardsOptions } from '../../src/index.ts'
import { toHighestWeight } from '../../src/shards/rendezvous.ts'
import { ring } from '../open-ports.ts'
import { queryAsAdmin, testDatabase, type TestDatabase } from '../test-database.ts'

/** Two databases, named as shards. */
export const shardDatabases = () => ({ a: testDatabase(), b: testDatabase() })

export type Databases = Readonly<Record<string, TestDatabase>>

/** The logins of shards. The databases record them at the first time. */
export const toShards = (databases: Databases) =>
  Object.fromEntries(
    Object.entries(databases).map(([name, { service, worker, listen, migrate }]) => [
      name,
      { service, worker, listen, migrate },
    ]),
  )

/** Opens the ports of a node over shards. */
export const openShardedNode = async (databases: Databases, more: Partial<PostgresShardsOptions> = {}) => {
  const shards = await openPostgres({ shards: toShards(databases), pollMs: 200, ...more })
  const eventLog = shardedEventLog({ shards, pollMs: 200, retention: { everyMs: 86_400_000 } })
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const openQueue = (limits: Limits, options: Partial<ShardedRunQueueOptions> = {}) =>
    shardedRunQueue({ shards, eventLog, limits, sessions, ...ring, pollMs: 200, ...options })
  const close = async (): Promise<void> => {
    await eventLog.close()
    await shards.close()
  }
  return { shards, eventLog, sessions, openQueue, close }
}

/** A context of a user whom the hash places on a shard: the tenant is chosen so. */
export const newContextOn = (shard: string, userId: string, names = ['a', 'b']): UserExecutionContext => {
  for (let attempt = 1; ; attempt++) {
    const tenantId = `tenant-${attempt}`
    const context = createForUser(vouchForUser(userId, { reason: 'tests of shards', tenantId }))
    if (toHighestWeight(names, toOwnerKey(context)) === shard) return context
  }
}

/** The names of the shards where a table has rows of an owner. */
export const findRows = async (databases: Databases, table: string, ownerKey: string): Promise<readonly string[]> => {
  const found: string[] = []
  for (const [name, database] of Object.entries(databases)) {
    const rows = await queryAsAdmin(database.name, `SELECT FROM ${table} WHERE owner_key = '${ownerKey}'`)
    if (rows.length > 0) found.push(name)
  }
  return found
}
