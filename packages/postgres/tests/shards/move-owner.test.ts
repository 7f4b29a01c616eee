// An owner who is moved, with rows in tables of an app, runs under way and readers; and a mover that is killed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityProvider, createForUser, liveSessions, toOwnerKey } from 'user-execution-context'
import type { RunId, UserExecutionContext } from 'user-execution-context'
import {
  isTerminal,
  openGoldenPath,
  parseLimits,
  type Agent,
  type LoggedEvent,
} from '@user-execution-context/golden-path'
import { forgetUser, moveOwner, postgresRevocations, shardedEventLog, shardedStartKeys } from '../../src/index.ts'
import { toOwnerPolicy } from '../../src/index.ts'
import type { MoveOwnerOptions, MoveStep } from '../../src/index.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { findRows, newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
type Node = Awaited<ReturnType<typeof openShardedNode>>
let nodes: readonly Node[]

const tables = `CREATE SCHEMA app;
  CREATE TABLE app.threads (
    owner_key text COLLATE "C" NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, title text,
    PRIMARY KEY (owner_key, id));
  CREATE TABLE app.notes (
    owner_key text COLLATE "C" NOT NULL, id int, thread bigint, body text, tags text[], facts jsonb,
    price numeric(20, 6), weight double precision, raw bytea, at timestamptz, span tstzrange,
    width int GENERATED ALWAYS AS (length(body)) STORED,
    PRIMARY KEY (owner_key, id), FOREIGN KEY (owner_key, thread) REFERENCES app.threads);
  ${toOwnerPolicy({ schema: 'app', table: 'threads' })} ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
  GRANT USAGE ON SCHEMA app TO uec_service;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO uec_service`

beforeAll(async () => {
  for (const { name } of Object.values(databases)) await runAsAdmin(name, tables)
  nodes = [await openShardedNode(databases), await openShardedNode(databases)]
})
afterAll(async () => {
  for (const node of nodes) await node.close()
})

const options = (ownerKey: string, to: string, more: Partial<MoveOwnerOptions> = {}): MoveOwnerOptions => ({
  shards: { a: databases.a.migrate, b: databases.b.migrate },
  ...{ ownerKey, to, settleMs: 300, endMs: 20_000, ...more },
})
const move = (ownerKey: string, to: string, more: Partial<MoveOwnerOptions> = {}) =>
  moveOwner(options(ownerKey, to, more))
const openPath = (node: Node, agent: Agent) => {
  const limits = parseLimits({ concurrentRuns: 40 })
  // Of its own: it closes the log that it is given.
  const eventLog = shardedEventLog({ shards: node.shards, pollMs: 200, retention: { everyMs: 86_400_000 } })
  return openGoldenPath({
    ...{ agent, limits, eventLog, runQueue: node.openQueue(limits, { eventLog }) },
    startKeys: shardedStartKeys({ shards: node.shards, limits }),
  })
}
const endOf = (node: Node, ownerKey: string, runId: RunId): Promise<void> =>
  expect
    .poll(
      async () => {
        const { lastSequence } = await node.eventLog.read({ ownerKey, runId }, { epoch: 1, sequence: 0 }, 1)
        const before = { epoch: 1, sequence: Math.max(0, lastSequence - 1) }
        return (await node.eventLog.read({ ownerKey, runId }, before, 1)).events.some(({ type }) => isTerminal(type))
      },
      { timeout: 60_000, interval: 20 },
    )
    .toBe(true)
let count = 0
const newUser = (shard = 'a') => newContextOn(shard, `moved-${++count}`)
/** Of the same user, with ids of its own. */
const again = ({ userId }: UserExecutionContext, shard = 'a') => newContextOn(shard, userId)

/** Rows in every table that has some for an owner. */
const fill = async (node: Node, context: UserExecutionContext): Promise<void> => {
  const ownerKey = toOwnerKey(context)
  const goldenPath = openPath(node, async function* () {
    yield { type: 'agent_message_delta', text: 'one ' }
    yield { type: 'agent_message_delta', text: 'two' }
  })
  const runs = [await goldenPath.execute(context, { text: 'go' }, { idempotencyKey: 'k'.repeat(32) })]
  runs.push(await goldenPath.execute(again(context), { text: 'go' }))
  for (const { runId } of runs) await endOf(node, ownerKey, runId)
  await goldenPath.close()
  const [database] = await findRows(databases, 'uec.runs', ownerKey)
  await runAsAdmin(
    databases[database as 'a'].name,
    `INSERT INTO app.threads (owner_key, title) SELECT '${ownerKey}', 'Thread ' || i FROM generate_series(1, 3) AS i;
      INSERT INTO app.notes (owner_key, id, thread, body, tags, facts, price, weight, raw, at, span)
        SELECT t.owner_key, t.id * 1000 + i, t.id, E'It''s "this"\\n\\\\ ' || i, ARRAY['a,b', NULL, '{}'],
          'null', 1.000001,
          1.0::float8 / 3, '\\x00ff', '2026-01-01 00:00:00.000001+00', '[2026-01-01, 2026-02-01)'
        FROM app.threads AS t CROSS JOIN generate_series(1, 400) AS i WHERE t.owner_key = '${ownerKey}';
      INSERT INTO app.notes (owner_key, id) VALUES ('${ownerKey}', 1)`,
  )
}
const owned = ['uec.runs', 'uec.events', 'uec.start_keys', 'app.threads', 'app.notes']
/** All rows of an owner in a shard, as text. */
const rowsIn = async (shard: 'a' | 'b', ownerKey: string): Promise<readonly string[]> => {
  const found: string[] = []
  for (const table of owned) {
    const sql = `SELECT '${table} ' || t::text AS row FROM ${table} AS t WHERE owner_key = '${ownerKey}' ORDER BY 1`
    found.push(...(await queryAsAdmin(databases[shard].name, sql)).map(({ row }) => String(row)))
  }
  return found
}
const homesOf = async (ownerKey: string) =>
  Object.fromEntries(
    await Promise.all(
      (['a', 'b'] as const).map(async (shard) => {
        const sql = `SELECT state FROM uec.owner_homes WHERE owner_key = '${ownerKey}'`
        return [shard, (await queryAsAdmin(databases[shard].name, sql))[0]?.['state']] as const
      }),
    ),
  )

describe('moveOwner', () => {
  it('moves every row of an owner as it is, and none of another', async () => {
    const [context, other] = [newUser(), newUser()]
    await fill(nodes[0]!, context)
    await fill(nodes[0]!, other)
    const [ownerKey, otherKey] = [toOwnerKey(context), toOwnerKey(other)]
    const [before, beforeOther] = [await rowsIn('a', ownerKey), await rowsIn('a', otherKey)]
    expect(before.length).toBeGreaterThan(1_200)
    expect(await move(ownerKey, 'b')).toMatchObject({ from: 'a', to: 'b' })
    expect(await rowsIn('b', ownerKey)).toEqual(before)
    expect(await rowsIn('a', ownerKey)).toEqual([])
    expect(await rowsIn('a', otherKey)).toEqual(beforeOther)
    expect(await homesOf(ownerKey)).toEqual({ a: undefined, b: 'here' })
    for (const node of nodes) expect(await node.eventLog.list(ownerKey)).toHaveLength(2)
    // And back: what it left behind is nothing.
    await move(ownerKey, 'a')
    expect(await rowsIn('a', ownerKey)).toEqual(before)
  }, 120_000)

  it('lets runs end that go on, refuses new ones meanwhile, and keeps another owner from nothing', async () => {
    const [context, other] = [newUser(), newUser()]
    const ownerKey = toOwnerKey(context)
    const agent: Agent = async function* () {
      for (let word = 1; word <= 10; word++) {
        await pause(20)
        yield { type: 'agent_message_delta', text: `${word} ` }
      }
    }
    const paths = nodes.map((node) => openPath(node, agent))
    const refused: string[] = []
    let isOver = false
    const work = async (user: UserExecutionContext, started: RunId[]): Promise<void> => {
      for (let turn = 0; !isOver; turn++) {
        const next = again(user)
        try {
          started.push((await paths[turn % 2]!.execute(next, { text: 'go' })).runId)
        } catch (error) {
          refused.push(
            `${toOwnerKey(next) === ownerKey ? 'moved' : 'other'} ${String((error as { code?: unknown }).code)}`,
          )
        }
        await pause(30)
      }
    }
    const [runs, runsOfOther]: [RunId[], RunId[]] = [[], []]
    const working = Promise.all([work(context, runs), work(other, runsOfOther)])
    await expect.poll(() => runs.length, { timeout: 60_000 }).toBeGreaterThan(3)
    const [had, hadOther] = [runs.length, runsOfOther.length]
    await move(ownerKey, 'b')
    await expect.poll(() => runs.length, { timeout: 60_000 }).toBeGreaterThan(had + 3)
    isOver = true
    await working
    for (const runId of runs) await endOf(nodes[1]!, ownerKey, runId)
    for (const runId of runsOfOther) await endOf(nodes[0]!, toOwnerKey(other), runId)
    expect(runsOfOther.length).toBeGreaterThan(hadOther)
    expect([...new Set(refused)].filter((each) => each !== 'moved ERR_CONTEXT_OWNER_MOVING')).toEqual([])
    const ends = await queryAsAdmin(
      databases.b.name,
      `SELECT run_id, count(*) FILTER (WHERE type = 'agent_completed')::int AS ends, count(*)::int AS events
        FROM uec.events WHERE owner_key = '${ownerKey}' GROUP BY run_id`,
    )
    expect(ends.map(({ run_id: id }) => id).sort()).toEqual([...runs].sort())
    expect(ends.filter((row) => row['ends'] !== 1 || row['events'] !== 12)).toEqual([])
    expect(await findRows(databases, 'uec.runs', toOwnerKey(other))).toEqual(['a'])
    for (const goldenPath of paths) await goldenPath.close()
  }, 180_000)

  it('takes readers along: they hear of runs that begin where the owner went', async () => {
    const context = newUser()
    const ownerKey = toOwnerKey(context)
    const [log, elsewhere] = nodes.map(({ eventLog }) => eventLog)
    const heard: string[] = []
    const unfollow = await log!.followOwner(ownerKey, ({ runId }) => heard.push(runId))
    await move(ownerKey, 'b')
    const goldenPath = openPath(nodes[1]!, async function* () {})
    const run = await goldenPath.execute(again(context), { text: 'go' })
    await endOf(nodes[1]!, ownerKey, run.runId)
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual([run.runId])
    unfollow()
    const ends: LoggedEvent[] = []
    // A reader of a run that had ended before hears of its end again, and reads what it missed.
    const leave = await elsewhere!.follow({ ownerKey, runId: run.runId }, (event) => ends.push(event))
    await move(ownerKey, 'a')
    await expect.poll(() => ends.map(({ type }) => type), { timeout: 60_000 }).toEqual(['agent_completed'])
    leave()
    await goldenPath.close()
  }, 120_000)

  it('cancels runs that go on for too long', async () => {
    const context = newUser()
    const goldenPath = openPath(nodes[0]!, async function* (scope) {
      yield { type: 'agent_message_delta', text: 'on' }
      await pause(600_000, undefined, { signal: scope.signal }).catch(() => undefined)
    })
    const run = await goldenPath.execute(context, { text: 'go' })
    await expect.poll(() => findRows(databases, 'uec.events', toOwnerKey(context)), { timeout: 60_000 }).toEqual(['a'])
    await move(toOwnerKey(context), 'b', { waitMs: 200, endMs: 60_000 })
    const types = await queryAsAdmin(databases.b.name, `SELECT type FROM uec.events WHERE run_id = '${run.runId}'`)
    expect(types.map(({ type }) => type)).toContain('agent_failed')
    await goldenPath.close()
  }, 120_000)

  it('leaves the owner at home where runs do not end', async () => {
    const context = newUser()
    const ownerKey = toOwnerKey(context)
    const queue = nodes[0]!.openQueue(parseLimits(), { executes: false })
    const { runId, threadId, requestId } = context
    await nodes[0]!.eventLog.create({ ownerKey, runId, threadId, requestId, createdAtMs: 1 })
    await queue.enqueue({ context, input: { text: 'go' } })
    await expect(move(ownerKey, 'b', { waitMs: 50, endMs: 300 })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_OWNER_MOVING',
    })
    expect(await homesOf(ownerKey)).toEqual({ a: 'here', b: undefined })
    await queue.close()
  }, 60_000)

  it('moves nothing when a row is another one there', async () => {
    const context = newUser()
    const ownerKey = toOwnerKey(context)
    await fill(nodes[0]!, context)
    const before = await rowsIn('a', ownerKey)
    await runAsAdmin(
      databases.b.name,
      `CREATE FUNCTION app.lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.facts := NULL; RETURN NEW; END';
        CREATE TRIGGER lose BEFORE INSERT ON app.notes FOR EACH ROW EXECUTE FUNCTION app.lose()`,
    )
    await expect(move(ownerKey, 'b')).rejects.toThrow('app.notes differ')
    await runAsAdmin(databases.b.name, 'DROP TRIGGER lose ON app.notes')
    expect(await rowsIn('b', ownerKey)).toEqual([])
    expect(await rowsIn('a', ownerKey)).toEqual(before)
    expect(await homesOf(ownerKey)).toEqual({ a: 'here', b: undefined })
  }, 60_000)

  it('refuses tables that are not the same, and an owner whom nobody knows', async () => {
    const context = newUser()
    await fill(nodes[0]!, context)
    await runAsAdmin(databases.b.name, 'ALTER TABLE app.notes ADD COLUMN more text')
    await expect(move(toOwnerKey(context), 'b')).rejects.toThrow('differ between the two: app.notes')
    await runAsAdmin(databases.b.name, 'ALTER TABLE app.notes DROP COLUMN more')
    await runAsAdmin(
      databases.a.name,
      `CREATE TABLE app.odd (person text); ${toOwnerPolicy({ schema: 'app', table: 'odd', column: 'person' })}`,
    )
    await expect(move(toOwnerKey(context), 'b')).rejects.toThrow('app.odd')
    await runAsAdmin(databases.a.name, 'DROP TABLE app.odd')
    expect(await homesOf(toOwnerKey(context))).toEqual({ a: 'here', b: undefined })
    await expect(move('nobody', 'b')).rejects.toThrow('No shard is the home')
    await expect(move(toOwnerKey(context), 'c')).rejects.toThrow('no shard "c"')
    const { a } = databases
    await expect(moveOwner({ ...options('nobody', 'a'), shards: { a: a.migrate } })).rejects.toThrow('Name all shards')
  }, 60_000)

  it('lets one process move an owner', async () => {
    const context = newUser()
    const ownerKey = toOwnerKey(context)
    await fill(nodes[0]!, context)
    let second: Promise<unknown> | undefined
    await move(ownerKey, 'b', {
      onStep: async () => void (await (second ??= move(ownerKey, 'b').catch((error) => error))),
    })
    expect(await second).toMatchObject({ code: 'ERR_CONTEXT_OWNER_MOVING' })
  }, 60_000)

  const program = fileURLToPath(new URL('mover.run.mjs', import.meta.url))
  const moveAndKill = async (given: MoveOwnerOptions, killedAt: MoveStep): Promise<void> => {
    const child = spawn(process.execPath, [program, JSON.stringify({ options: given, killedAt })], { stdio: 'inherit' })
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect(signal).toBe('SIGKILL')
  }

  it.each([
    ['drain', 'a', { a: 'here', b: undefined }],
    ['copy', 'a', { a: 'moving', b: undefined }],
    ['switch', 'a', { a: 'moving', b: undefined }],
    ['settle', 'b', { a: 'moving', b: 'draining' }],
    ['delete', 'b', { a: 'moving', b: 'here' }],
  ] as const)(
    'has one home when it is killed at %s, and goes on when it is run again',
    async (step, home, homes) => {
      const context = newUser()
      const ownerKey = toOwnerKey(context)
      await fill(nodes[0]!, context)
      const before = await rowsIn('a', ownerKey)
      await moveAndKill(options(ownerKey, 'b'), step)
      // What an open transaction of the killed process holds is gone with it.
      await expect.poll(() => homesOf(ownerKey), { timeout: 60_000 }).toEqual(homes)
      expect(await rowsIn(home, ownerKey)).toEqual(before)
      await expect.poll(() => move(ownerKey, 'b').then(Boolean, () => false), { timeout: 60_000 }).toBe(true)
      expect(await rowsIn('b', ownerKey)).toEqual(before)
      expect(await rowsIn('a', ownerKey)).toEqual([])
      expect(await homesOf(ownerKey)).toEqual({ a: undefined, b: 'here' })
      for (const node of nodes) expect(await node.eventLog.list(ownerKey)).toHaveLength(2)
    },
    180_000,
  )

  it.each(['copy', 'settle'] as const)(
    'goes back, also after it was killed at %s',
    async (step) => {
      const context = newUser()
      const ownerKey = toOwnerKey(context)
      await fill(nodes[0]!, context)
      const before = await rowsIn('a', ownerKey)
      await moveAndKill(options(ownerKey, 'b'), step)
      await expect.poll(() => move(ownerKey, 'a').then(Boolean, () => false), { timeout: 60_000 }).toBe(true)
      expect(await rowsIn('a', ownerKey)).toEqual(before)
      expect(await rowsIn('b', ownerKey)).toEqual([])
      expect(await homesOf(ownerKey)).toEqual({ a: 'here', b: undefined })
    },
    180_000,
  )
})

describe('forgetUser, of an owner in a shard', () => {
  it('removes their rows, their home, and what the home shard has of them', async () => {
    const node = nodes[0]!
    const { shards } = node
    const { name: _, ...ports } = shards.home
    const store = await postgresRevocations({ ...ports, pollMs: 50 })
    const sessions = liveSessions({ maxProofMs: 3_600_000, store })
    const provider = identityProvider({
      ...{ name: 'test', namespace: 'user-execution-context', sessions },
      verify: async (userId: string) => ({ userId, sessionId: 's', issuedAtMs: Date.now() }),
    })
    let userId = ''
    let context: UserExecutionContext | undefined
    // One whose shard is not the home of accounts.
    while (context === undefined || (await shards.of(toOwnerKey(context))) === shards.home) {
      userId = `forgotten-${++count}`
      context = await provider(userId).then(createForUser, () => undefined)
      if (context === undefined) await pause(20)
    }
    const ownerKey = toOwnerKey(context)
    const { runId, threadId, requestId } = context
    await node.eventLog.create({ ownerKey, runId, threadId, requestId, createdAtMs: 1 })
    await runAsAdmin(databases.a.name, `INSERT INTO uec.users VALUES ('${userId}', '${userId}', '{}')`)
    const { postgres, wakes } = await shards.of(ownerKey)
    await forgetUser(context, { postgres, wakes, home: shards.home.postgres, sessions })
    expect(await findRows(databases, 'uec.runs', ownerKey)).toEqual([])
    expect(await findRows(databases, 'uec.owner_homes', ownerKey)).toEqual([])
    expect(await queryAsAdmin(databases.a.name, `SELECT FROM uec.users WHERE user_id = '${userId}'`)).toEqual([])
    // A user of the same id later is placed anew, whatever this process remembers.
    expect(await node.eventLog.list(ownerKey)).toEqual([])
    expect(await findRows(databases, 'uec.owner_homes', ownerKey)).toHaveLength(1)
    sessions.close()
  }, 60_000)
})
