// What a shard that is away, a clock that is set and an owner on the way keep from everybody else.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { ownedHandles, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moveOwner, shardedHandleStore, withUserSession } from '../../src/index.ts'
import { closeAfterEach } from '../close-after-each.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
let node: Awaited<ReturnType<typeof openShardedNode>>
beforeAll(async () => {
  node = await openShardedNode(databases)
})
afterAll(() => node.close())

const keep = closeAfterEach()
const openMore = async (more: Parameters<typeof openShardedNode>[1]) => {
  const { shards, close } = await openShardedNode(databases, more)
  keep({ close })
  return shards
}
const newUser = (shard: string) => newContextOn(shard, randomUUID())
const move = (context: UserExecutionContext, to: string) =>
  moveOwner({
    shards: { a: databases.a.migrate, b: databases.b.migrate },
    ...{ ownerKey: toOwnerKey(context), to, settleMs: 0 },
  })
/** Lets nobody into a shard while something runs. */
const without = async (shard: 'a' | 'b', run: () => Promise<unknown>): Promise<void> => {
  const { name } = databases[shard]
  const ended = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`
  await runAsAdmin('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`, ended)
  await run().finally(() => runAsAdmin('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`))
}

describe('a shard that is away', () => {
  it('keeps no owner of another from handles', async () => {
    const shards = await openMore({})
    const handles = ownedHandles<string>({
      ...{ ttlMs: 600_000, maxPerUser: 10, maxTotal: 1_000 },
      store: shardedHandleStore(shards),
    })
    const [alice, bob] = [newUser('a'), newUser('b')]
    await handles.open(bob, 'of bob')
    // Placed: an owner who is new could be at home in the shard that is away.
    await handles.open(alice, 'the first of alice')
    await without('b', async () => {
      const handle = await handles.open(alice, 'of alice')
      expect(await handles.find(alice, handle)).toBe('of alice')
    })
  })

  it('counts as it did last for what all shards may hold', async () => {
    const shards = await openMore({})
    const handles = ownedHandles<string>({
      ...{ ttlMs: 600_000, maxPerUser: 1_000, maxTotal: 1_000 },
      store: shardedHandleStore(shards),
    })
    const held = async () =>
      Number((await queryAsAdmin(databases.b.name, 'SELECT count(*)::int FROM uec.handles'))[0]!['count'])
    await handles.open(newUser('b'), 'of bob')
    const alice = newUser('a')
    await handles.open(alice, 'of alice')
    const full = ownedHandles<string>({
      ...{ ttlMs: 600_000, maxPerUser: 10, maxTotal: await held() },
      store: shardedHandleStore(shards),
    })
    await expect(full.open(newUser('a'), 'too many')).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_HANDLES' })
    await without('b', async () => {
      await expect(full.open(alice, 'too many')).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_HANDLES' })
      const unavailable = { code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' }
      await expect(full.open(newUser('a'), 'of one who is new')).rejects.toMatchObject(unavailable)
    })
  })

  it.each([
    ['the hash places', 'b', 'a'],
    ['the hash does not place, of three,', 'a', 'a'],
  ] as const)('keeps no owner from their home whom %s there', async (_title, placed, home) => {
    const context = newUser(placed)
    await node.shards.of(toOwnerKey(context))
    if (placed !== home) await move(context, home)
    const fresh = await openMore({})
    await without('b', async () => {
      expect((await fresh.of(toOwnerKey(context))).name).toBe(home)
    })
  })
})

describe('an owner who is being moved', () => {
  it('takes no connection from others while a session of theirs goes on', async () => {
    const [moved, other] = [newUser('a'), newUser('a')]
    const shards = await openMore({ maxConnections: 3, connectTimeoutMs: 2_000, moveWaitMs: 60_000 })
    const ask = (context: UserExecutionContext) =>
      withUserSession(context, shards.poolOf(toOwnerKey(context)), (session) => session.query('SELECT'))
    await Promise.all([ask(moved), ask(other)])
    const holder = new pg.Client(databases.a.migrate as pg.ClientConfig)
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT uec.enter($1)', [toOwnerKey(moved)])
    const moving = move(moved, 'b')
    const state = () =>
      queryAsAdmin(databases.a.name, `SELECT state FROM uec.owner_homes WHERE owner_key = '${toOwnerKey(moved)}'`)
    await expect.poll(state, { timeout: 20_000 }).toEqual([{ state: 'moving' }])
    const asked = [1, 2, 3, 4, 5, 6].map(() => ask(moved))
    for (let round = 0; round < 10; round++) await ask(other)
    await holder.query('COMMIT')
    await holder.end()
    await moving
    await Promise.all(asked)
    expect((await shards.of(toOwnerKey(moved))).name).toBe('b')
  }, 60_000)
})

describe('a move whose wake is lost', () => {
  const addMove = async (movedAt: string): Promise<string> => {
    const ownerKey = `n:${randomUUID()}`
    await runAsAdmin(
      databases.b.name,
      `INSERT INTO uec.owner_homes (owner_key, moved_at) VALUES ('${ownerKey}', ${movedAt})`,
    )
    return ownerKey
  }

  it('is heard by a process that polls more seldom than rows are read again', async () => {
    const shards = await openMore({ pollMs: 12_000 })
    const heard: string[] = []
    shards.onMove((ownerKey) => heard.push(ownerKey))
    const ownerKey = await addMove('clock_timestamp()')
    await expect.poll(() => heard, { timeout: 30_000 }).toContain(ownerKey)
  }, 60_000)

  it('is heard after one of a clock that ran ahead', async () => {
    const shards = await openMore({ pollMs: 50 })
    const heard: string[] = []
    shards.onMove((ownerKey) => heard.push(ownerKey))
    const ahead = await addMove(`clock_timestamp() + interval '1 hour'`)
    await expect.poll(() => heard, { timeout: 20_000 }).toContain(ahead)
    const ownerKey = await addMove('clock_timestamp()')
    await expect.poll(() => heard, { timeout: 20_000 }).toContain(ownerKey)
    expect(heard.filter((each) => each === ahead)).toHaveLength(1)
  })
})
