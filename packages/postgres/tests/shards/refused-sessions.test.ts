// A shard refuses an owner in a transaction that is open: its connection is nobody's any more.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { withUserSession } from '../../src/index.ts'
import { runAsAdmin } from '../test-database.ts'
import { newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
let node: Awaited<ReturnType<typeof openShardedNode>>
beforeAll(async () => {
  // One connection: what is left on it meets the next user, and what is not given back is missed.
  node = await openShardedNode(databases, { maxConnections: 1, connectTimeoutMs: 3_000 })
})
afterAll(() => node.close())

const setState = (ownerKey: string, state: 'here' | 'moving'): Promise<void> =>
  runAsAdmin(databases.a.name, `UPDATE uec.owner_homes SET state = '${state}' WHERE owner_key = '${ownerKey}'`)

describe('a session that a shard refuses', () => {
  it('leaves no open transaction for the next user of its pool', async () => {
    const [moved, other] = ['moved', 'other'].map((name) => toOwnerKey(newContextOn('a', name)))
    const context = newContextOn('a', 'moved')
    for (const key of [moved!, other!]) await node.shards.of(key)
    await setState(moved!, 'moving')
    const { service } = node.shards.all[0]!.postgres
    const asking = withUserSession(context, service, (session) => session.query('SELECT 1'))
    await expect(asking).rejects.toMatchObject({ cause: { code: 'UE001' } })
    expect(await node.eventLog.list(other!)).toEqual([])
    await setState(moved!, 'here')
  })

  it('gives its connection up before it looks for its user again', async () => {
    const context = newContextOn('a', 'comes-back')
    const ownerKey = toOwnerKey(context)
    await node.shards.of(ownerKey)
    await setState(ownerKey, 'moving')
    const asking = withUserSession(context, node.shards.poolOf(ownerKey), async (session) => {
      const { rows } = await session.query<{ owner: string }>('SELECT uec.owner() AS owner')
      return rows
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await setState(ownerKey, 'here')
    expect(await asking).toEqual([{ owner: ownerKey }])
  })
})
