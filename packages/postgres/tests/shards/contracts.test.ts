// The contracts of all ports, once over two shards.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { handleStoreContract, type HandleStoreCaseValue } from '@user-execution-context/testing'
import { parseLimits } from '@user-execution-context/golden-path'
import {
  attemptLimitsContract,
  eventLogContract,
  runQueueContract,
} from '@user-execution-context/golden-path/contracts'
import { startKeyStoreContract } from '@user-execution-context/golden-path/contracts'
import { ticketOfficeContract, userStoreContract } from '@user-execution-context/golden-path/contracts'
import { replayMemoryContract } from '@user-execution-context/transfer/contracts'
import { postgresAttemptLimits, postgresReplayMemory, postgresTickets, postgresUsers } from '../../src/index.ts'
import { shardedEventLog, shardedHandleStore, shardedStartKeys } from '../../src/index.ts'
import { endRun, fileRun, filing } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
type Node = Awaited<ReturnType<typeof openShardedNode>>
let node: Node
beforeAll(async () => {
  node = await openShardedNode(databases)
})
afterAll(() => node.close())

const clear = async (tables: string): Promise<void> => {
  for (const { name } of Object.values(databases)) await runAsAdmin(name, `TRUNCATE ${tables}`)
}

describe('shardedEventLog keeps the contract of an event log', () => {
  const cases = eventLogContract(() => shardedEventLog({ shards: node.shards }))
  it.each(cases)('$name', ({ run }) => run())

  it('has used both shards for it', async () => {
    const counts = await Promise.all(
      Object.values(databases).map(({ name }) => queryAsAdmin(name, 'SELECT count(*)::int FROM uec.runs')),
    )
    expect(counts.map(([row]) => Number(row!['count']) > 0)).toEqual([true, true])
  })
})

/** Users of one letter take turns in an order that is promised within a shard. The others are anywhere. */
const newContext = (userId: string) =>
  userId.length === 1 ? newContextOn('b', userId) : createForUser(vouchForUser(userId, { reason: 'tests of shards' }))

describe('shardedRunQueue keeps the contract of a run queue', () => {
  const cases = runQueueContract({
    openQueue: async (limits) => {
      await clear('uec.jobs, uec.queue_owners, uec.runs, uec.events')
      return node.openQueue(limits)
    },
    createContext: newContext,
    prepare: (job) => fileRun(node.eventLog, job),
    finish: endRun,
    quietMs: 150,
  })
  it.each(cases)('$name', ({ run }) => run())
})

describe('shardedRunQueue keeps the contract of a run queue where it files the runs', () => {
  const cases = runQueueContract({
    openQueue: async (limits) => {
      await clear('uec.jobs, uec.queue_owners, uec.runs, uec.events')
      return filing(node.openQueue(limits))
    },
    createContext: newContext,
    finish: endRun,
    quietMs: 150,
  })
  it.each(cases)('$name', ({ run }) => run())
})

describe('shardedStartKeys keeps the contract of a store of idempotency keys', () => {
  const cases = startKeyStoreContract(() => shardedStartKeys({ shards: node.shards, limits: parseLimits() }))
  it.each(cases)('$name', ({ run }) => run())
})

describe('shardedHandleStore keeps the contract of a store of handles', () => {
  const openStore = async () => {
    await clear('uec.handles')
    return shardedHandleStore<HandleStoreCaseValue>(node.shards)
  }
  it.each(handleStoreContract(openStore))('$name', ({ run }) => run())
})

describe('the home of what no owner has keeps the contract of', () => {
  const pool = () => node.shards.home.postgres.service
  it.each(userStoreContract(() => postgresUsers(pool())))('a user store: $name', ({ run }) => run())
  it.each(ticketOfficeContract((options) => postgresTickets(pool(), options)))('tickets: $name', ({ run }) => run())
  it.each(attemptLimitsContract((options) => postgresAttemptLimits(pool(), options)))('attempts: $name', ({ run }) =>
    run(),
  )
  it.each(replayMemoryContract(() => postgresReplayMemory(pool())))('a replay memory: $name', ({ run }) => run())
})
