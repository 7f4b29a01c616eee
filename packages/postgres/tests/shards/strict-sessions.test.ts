// Sessions of stricter levels see the database as it was when they began: also where their user was at home then.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { withUserSession, type SessionOptions } from '../../src/index.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { loginOf, queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
let node: Awaited<ReturnType<typeof openShardedNode>>
const clients: pg.Client[] = []
beforeAll(async () => {
  node = await openShardedNode(databases, { moveWaitMs: 60_000 })
})
afterAll(async () => {
  for (const client of clients) await client.end()
  await node.close()
})

const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client(toDriverConfig(loginOf('uec_admin', databases.a.name)) as pg.ClientConfig)
  await client.connect()
  clients.push(client)
  return client
}
/** As a mover takes it. */
const lockHome = (client: pg.Client, ownerKey: string) =>
  client.query("SELECT pg_advisory_xact_lock(hashtextextended('uec.home ' || $1, 0))", [ownerKey])
/** How many hold such a lock, and how many wait for one. */
const countLocks = async (): Promise<Readonly<Record<string, unknown>>> => {
  const [counts] = await queryAsAdmin(
    databases.a.name,
    `SELECT count(*) FILTER (WHERE granted)::int AS held, count(*) FILTER (WHERE NOT granted)::int AS waiting
      FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
      WHERE locktype = 'advisory' AND datname = current_database()`,
  )
  return counts!
}
const expectLocks = (locks: object) => expect.poll(countLocks, { timeout: 20_000 }).toMatchObject(locks)
const setMoving = (ownerKey: string): Promise<void> =>
  runAsAdmin(databases.a.name, `UPDATE uec.owner_homes SET state = 'moving' WHERE owner_key = '${ownerKey}'`)

/** Also whether the connection still has a lock that is not of the transaction. */
const whereSql = `SELECT current_database() AS name,
  pg_advisory_unlock_shared(hashtextextended('uec.home ' || uec.owner(), 0)) AS is_locked`

const levels = ['read committed', 'repeatable read', 'serializable'] as const
describe.each(levels)('a session that is %s', (isolation) => {
  const contextOf = (userId: string) => newContextOn('a', `${userId}-${isolation.replace(' ', '-')}`)
  const askWhere = async (userId: string, options: SessionOptions = {}, then = () => {}) => {
    const context = contextOf(userId)
    const ownerKey = toOwnerKey(context)
    await node.shards.of(ownerKey)
    const answer = withUserSession(
      context,
      node.shards.poolOf(ownerKey),
      async (session) => {
        const { rows } = await session.query(whereSql)
        then()
        return rows
      },
      { isolation, timeoutMs: 60_000, ...options },
    )
    return { ownerKey, answer }
  }

  it.each([false, true])(
    'is in the shard where its user is moved to while it begins (readOnly: %s)',
    async (readOnly) => {
      const [mover, ownerKey] = [await connect(), toOwnerKey(contextOf(`moved-${readOnly}`))]
      await mover.query('BEGIN')
      await lockHome(mover, ownerKey)
      const { answer } = await askWhere(`moved-${readOnly}`, { readOnly })
      await expectLocks({ waiting: 1 })
      await setMoving(ownerKey)
      await mover.query('COMMIT')
      // As a mover switches, which has begun before: its drain lets sessions in until their lock is had.
      await runAsAdmin(databases.b.name, `INSERT INTO uec.owner_homes (owner_key) VALUES ('${ownerKey}')`)
      await runAsAdmin(databases.a.name, `DELETE FROM uec.owner_homes WHERE owner_key = '${ownerKey}'`)
      expect(await answer).toEqual([{ name: databases.b.name, is_locked: false }])
    },
  )

  it('keeps whoever moves its user waiting from its beginning to its end', async () => {
    const [first, mover] = [await connect(), await connect()]
    const ownerKey = toOwnerKey(contextOf('stays'))
    await first.query('BEGIN')
    await lockHome(first, ownerKey)
    let isLocked = false
    let wasLocked: boolean | undefined
    const { answer } = await askWhere('stays', {}, () => void (wasLocked = isLocked))
    await expectLocks({ waiting: 1 })
    await mover.query('BEGIN')
    const locking = lockHome(mover, ownerKey).then(async () => {
      isLocked = true
      await setMoving(ownerKey)
      await mover.query('COMMIT')
    })
    await expectLocks({ waiting: 2 })
    await first.query('COMMIT')
    expect(await answer).toEqual([{ name: databases.a.name, is_locked: false }])
    await locking
    expect([wasLocked, isLocked]).toEqual([false, true])
    // Whoever comes next finds nothing of it: not the lock either.
    await expectLocks({ held: 0 })
  })

  it('is refused while its user is moved, before it waits for the end of that', async () => {
    const [mover, context] = [await connect(), contextOf('refused')]
    const ownerKey = toOwnerKey(context)
    await node.shards.of(ownerKey)
    await mover.query('BEGIN')
    await lockHome(mover, ownerKey)
    await setMoving(ownerKey)
    const { service } = node.shards.all[0]!.postgres
    const answer = withUserSession(context, service, () => undefined, { isolation, timeoutMs: 20_000 })
    await expect(answer).rejects.toMatchObject({ cause: { code: 'UE001' } })
    await mover.query('ROLLBACK')
  })

  it('keeps nothing of a transaction that somebody left open', async () => {
    // Of one connection, which nobody else takes: the next one has it.
    const alone = await openShardedNode(databases, { maxConnections: 1, pollMs: 86_400_000 })
    const { service } = alone.shards.all[0]!.postgres
    const context = contextOf('next')
    await alone.shards.of(toOwnerKey(context))
    const client = await service.connect()
    // As of a driver that does not say it.
    Object.assign(client, { getTransactionStatus: undefined })
    await client.query("BEGIN; INSERT INTO uec.owner_homes (owner_key) VALUES ('left-open')")
    client.release()
    const answer = withUserSession(context, service, () => undefined, { isolation })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_SESSION' })
    await alone.close()
    const kept = "SELECT FROM uec.owner_homes WHERE owner_key = 'left-open'"
    expect(await queryAsAdmin(databases.a.name, kept)).toEqual([])
  })
})

it.each(levels.slice(1))('a session that is %s leaves no statement that waits for its user', async (isolation) => {
  const [mover, context] = [await connect(), newContextOn('a', `late-${isolation.replace(' ', '-')}`)]
  const ownerKey = toOwnerKey(context)
  await node.shards.of(ownerKey)
  await mover.query('BEGIN')
  await lockHome(mover, ownerKey)
  const { service } = node.shards.all[0]!.postgres
  const answer = withUserSession(context, service, () => undefined, { isolation, timeoutMs: 2_000 })
  await expect(answer).rejects.toMatchObject({ code: expect.stringMatching(/TIMEOUT|UNAVAILABLE/) as string })
  await expectLocks({ waiting: 0 })
  await mover.query('ROLLBACK')
})
