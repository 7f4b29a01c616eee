// What keeps a move from losing a row: each guard met at the instant that it is for.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { moveOwner, recordShards, toOwnerPolicy, withUserSession } from '../../src/index.ts'
import type { MoveOwnerOptions, MoveStep } from '../../src/index.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { findRows, newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
let node: Awaited<ReturnType<typeof openShardedNode>>
beforeAll(async () => {
  const tables = `CREATE SCHEMA app;
    CREATE TABLE app.notes (owner_key text COLLATE "C" NOT NULL, id int, PRIMARY KEY (owner_key, id));
    ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
    GRANT USAGE ON SCHEMA app TO uec_service; GRANT SELECT, INSERT ON app.notes TO uec_service`
  for (const { name } of Object.values(databases)) await runAsAdmin(name, tables)
  node = await openShardedNode(databases)
})
afterAll(() => node.close())

const move = (ownerKey: string, more: Partial<MoveOwnerOptions> = {}) =>
  moveOwner({
    shards: { a: databases.a.migrate, b: databases.b.migrate },
    ...{ ownerKey, to: 'b', settleMs: 100, ...more },
  })
let count = 0
/** A user at home in the first shard, with a note. */
const newUser = async () => {
  const context = newContextOn('a', `guarded-${++count}`)
  const pool = node.shards.poolOf(toOwnerKey(context))
  const write = (id: number) => withUserSession(context, pool, (session) => session.query(insert, [id]))
  await write(1)
  return { context, ownerKey: toOwnerKey(context), pool, write }
}
const insert = 'INSERT INTO app.notes (id) VALUES ($1)'
const notesIn = async (shard: 'a' | 'b', ownerKey: string) =>
  (
    await queryAsAdmin(databases[shard].name, `SELECT id FROM app.notes WHERE owner_key = '${ownerKey}' ORDER BY id`)
  ).map(({ id }) => id)

describe('moveOwner', () => {
  it('waits for what the owner began before the copy, and takes it along', async () => {
    const { context, ownerKey, pool } = await newUser()
    const steps: MoveStep[] = []
    let moving: Promise<unknown> | undefined
    let stepsWhileOpen: readonly MoveStep[] = []
    await withUserSession(context, pool, async (session) => {
      await session.query(insert, [2])
      moving = move(ownerKey, { onStep: (step) => void steps.push(step) })
      await expect.poll(() => steps, { timeout: 30_000 }).toContain('drain')
      // Time to pass the lock, if there were none.
      await pause(500)
      stepsWhileOpen = [...steps]
    })
    await moving
    expect(stepsWhileOpen).toEqual(['drain'])
    expect(await notesIn('b', ownerKey)).toEqual([1, 2])
    expect(await notesIn('a', ownerKey)).toEqual([])
  }, 120_000)

  it.each([
    ['before the copy', 'copy', 'ERR_CONTEXT_OWNER_MOVING'],
    ['between copy and switch', 'switch', '40001'],
  ] as const)('moves nothing where the owner was let in again %s', async (_title, taken, code) => {
    const { ownerKey, write } = await newUser()
    const onStep = async (step: MoveStep): Promise<void> => {
      if (step !== taken) return
      await runAsAdmin(databases.a.name, `UPDATE uec.owner_homes SET state = 'here' WHERE owner_key = '${ownerKey}'`)
      await write(2)
    }
    await expect(move(ownerKey, { onStep })).rejects.toMatchObject({ code })
    expect(await findRows(databases, 'uec.owner_homes', ownerKey)).toEqual(['a'])
    expect(await notesIn('a', ownerKey)).toEqual([1, 2])
    expect(await notesIn('b', ownerKey)).toEqual([])
  })

  it('lets no second mover begin, at any step', async () => {
    const { ownerKey } = await newUser()
    const refused: [MoveStep, unknown][] = []
    const onStep = async (step: MoveStep): Promise<void> => {
      const second = await move(ownerKey).catch((error: { readonly code?: string }) => error.code)
      refused.push([step, second])
    }
    await move(ownerKey, { onStep })
    const steps = ['drain', 'copy', 'switch', 'settle', 'delete'] as const
    expect(refused).toEqual(steps.map((step) => [step, 'ERR_CONTEXT_OWNER_MOVING']))
  })

  it('refuses shards under the name of another, and some of the shards', async () => {
    const { ownerKey } = await newUser()
    const { a, b } = databases
    await expect(move(ownerKey, { shards: { a: b.migrate, b: a.migrate } })).rejects.toThrow('named "a"')
    await expect(move(ownerKey, { shards: { b: b.migrate } })).rejects.toThrow('may be at home in "a"')
    expect(await findRows(databases, 'uec.owner_homes', ownerKey)).toEqual(['a'])
  })

  it('fails when the network forgets a shard, and goes on when it is run again', async () => {
    const { ownerKey } = await newUser()
    const network = new OutageProxy(databases.a.migrate.host)
    await network.open()
    const shards = { a: { ...databases.a.migrate, host: network.host }, b: databases.b.migrate }
    const onStep = (step: MoveStep): void => {
      if (step === 'copy') network.forget()
    }
    await expect(move(ownerKey, { shards, onStep, answerTimeoutMs: 1_000 })).rejects.toThrow('timeout')
    network.close()
    // Over TCP the server finds out by itself; over its socket it is told now.
    await expect.poll(() => move(ownerKey).then(Boolean, () => false), { timeout: 60_000 }).toBe(true)
    expect(await notesIn('b', ownerKey)).toEqual([1])
  }, 120_000)
})

describe('recordShards', () => {
  it('fails when the network forgets a database', async () => {
    const network = new OutageProxy(databases.a.migrate.host)
    await network.open()
    const placing = ['a', 'b']
    const shards = { a: { ...databases.a.migrate, host: network.host }, b: databases.b.migrate }
    // Behind somebody who has the lock it asks again and again.
    const lock = "SELECT pg_advisory_lock(hashtextextended('uec.placement', 0)), pg_sleep(3)"
    const holding = runAsAdmin(databases.b.name, lock)
    await pause(300)
    const recording = recordShards({ shards, placing, answerTimeoutMs: 500 }).then(
      () => 'recorded',
      (error: Error) => error.message,
    )
    await pause(500)
    network.forget()
    expect(await recording).toContain('timeout')
    network.close()
    await holding
  }, 60_000)
})
