// What is left of a user who is forgotten: nothing, in any table of the schema, and all of everybody else.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createForUser,
  identityProvider,
  isLive,
  liveSessions,
  openAuditTrail,
  toOwnerKey,
  type LiveSessions,
  type UserExecutionContext,
} from 'user-execution-context'
import { openGoldenPath, parseLimits, type Agent } from '@user-execution-context/golden-path'
import { forgetUser, postgresAuditTrail, postgresHandleStore, postgresRevocations } from '../../src/index.ts'
import { postgresStartKeys, toOwnerPolicy } from '../../src/index.ts'
import { openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
type Node = Awaited<ReturnType<typeof openNode>>
let node: Node
let sessions: LiveSessions
beforeAll(async () => {
  node = await openNode(database)
  const store = await postgresRevocations({ ...node.ports, pollMs: 50 })
  sessions = liveSessions({ maxProofMs: 3_600_000, store })
  await runAsAdmin(
    database.name,
    `CREATE SCHEMA app;
      CREATE TABLE app.threads (owner_key text COLLATE "C" NOT NULL, id int, PRIMARY KEY (owner_key, id));
      CREATE TABLE app.notes (owner_key text COLLATE "C" NOT NULL, id int, thread int, PRIMARY KEY (owner_key, id),
        FOREIGN KEY (owner_key, thread) REFERENCES app.threads);
      ${toOwnerPolicy({ schema: 'app', table: 'threads' })} ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
      GRANT USAGE ON SCHEMA app TO uec_service;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO uec_service`,
  )
})
afterAll(async () => {
  sessions.close()
  await node.close()
})

const tables = [
  { schema: 'app', table: 'notes' },
  { schema: 'app', table: 'threads' },
]
/** What keeps rows of a user on purpose: until the last proof has ended, or always. */
const kept = ['revocations', 'audit_records']
/** Rows of shards, of which this database is none: see tests/shards. */
const ofShards = ['owner_homes', 'placement']
/** What holds nothing of a user, or digests that end by themselves. */
const ofNobody = ['migrations', 'retention', 'opened_texts', 'sign_in_attempts', 'sign_in_failures', 'tickets']

const signIn = async (
  userId: string,
  sessionId = 's-1',
  of: { readonly namespace: string; readonly tenantId?: string } = { namespace: 'user-execution-context' },
): Promise<UserExecutionContext> => {
  const provider = identityProvider({
    ...{ name: 'test', namespace: of.namespace, sessions },
    verify: async (id: string) => ({ userId: id, sessionId, tenantId: of.tenantId, issuedAtMs: Date.now() }),
  })
  for (;;) {
    try {
      return createForUser(await provider(userId))
    } catch {
      // The registry has not heard of its store yet.
      await pause(10)
    }
  }
}

/** One row of a user, at least, in every table that holds rows of users. */
const fill = async (userId: string): Promise<UserExecutionContext> => {
  const [context, other] = [await signIn(userId), await signIn(userId, 's-2')]
  const ownerKey = toOwnerKey(context)
  const goldenPath = openGoldenPath({
    eventLog: node.eventLog,
    runQueue: node.openQueue(parseLimits(), { sessions, executes: false }),
    startKeys: postgresStartKeys({ postgres: node.postgres, limits: parseLimits() }),
    agent: async function* () {},
  })
  const run = await goldenPath.execute(context, { text: 'go' }, { idempotencyKey: 'k'.repeat(32) })
  const writer = await node.eventLog.openWriter({ ownerKey, runId: run.runId })
  const text = '{}'
  await writer.append({ epoch: writer.epoch, sequence: 1, type: 'tool_executing', text, bytes: 2 })
  const store = postgresHandleStore<string>({ postgres: node.postgres })
  const entry = { ownerKey, handleDigest: userId, endsAtMs: Date.now() + 60_000, tie: {}, value: 'cursor' }
  await store.insert(entry, { maxPerUser: 5, maxTotal: 100 })
  const trail = openAuditTrail(await postgresAuditTrail({ pool: node.postgres.service, trail: userId }))
  await trail.record(context, 'signed-in')
  await sessions.revoke({ session: other })
  await runAsAdmin(
    database.name,
    `INSERT INTO app.threads VALUES ('${ownerKey}', 1); INSERT INTO app.notes VALUES ('${ownerKey}', 1, 1);
      INSERT INTO uec.users VALUES ('${userId}', '${userId}', '{}')`,
  )
  return context
}

/** For every table of the schema, and of the app: how many of its rows name a user anywhere. */
const countRows = async (userId: string): Promise<Readonly<Record<string, number>>> => {
  const names = await queryAsAdmin(
    database.name,
    `SELECT relname AS name, relnamespace::regnamespace::text AS schema FROM pg_class
      WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text IN ('uec', 'app') ORDER BY 2 DESC, 1`,
  )
  const counts: Record<string, number> = {}
  for (const { schema, name } of names) {
    const sql = `SELECT count(*)::int FROM ${String(schema)}.${String(name)} AS t WHERE t::text LIKE '%${userId}%'`
    counts[String(name)] = (await queryAsAdmin(database.name, sql))[0]!['count'] as number
  }
  return counts
}
const options = () => ({ ...node.ports, sessions, tables })

describe('forgetUser', () => {
  it('removes every row of a user from every table, and none of another user', async () => {
    const context = await fill('alice-1')
    await fill('bob-1')
    const [before, others] = [await countRows('alice-1'), await countRows('bob-1')]
    // A new table is in one of the lists, or is filled here and forgotten there.
    expect(Object.keys(before).filter((name) => before[name] === 0)).toEqual([...ofNobody, ...ofShards].toSorted())
    const { rows } = await forgetUser(context, options())
    const after = await countRows('alice-1')
    expect(Object.keys(after).filter((name) => after[name] !== 0)).toEqual(kept.toSorted())
    expect(after['revocations']).toBe(1)
    const sum = (counts: Readonly<Record<string, number>>) =>
      Object.values(counts).reduce((total, count) => total + count, 0)
    // The record of the sign-out came.
    expect(rows).toBe(sum(before) - sum(after) + 1)
    expect(await countRows('bob-1')).toEqual(others)
  })

  it('removes nothing at all when a statement fails in the middle, and has signed the user out', async () => {
    const context = await fill('carol-1')
    const before = await countRows('carol-1')
    await runAsAdmin(
      database.name,
      `CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON uec.queue_owners FOR EACH ROW EXECUTE FUNCTION app.refuse()`,
    )
    await expect(forgetUser(context, options())).rejects.toMatchObject({ code: 'P0001' })
    await runAsAdmin(database.name, 'DROP TRIGGER refuse ON uec.queue_owners; DROP FUNCTION app.refuse()')
    expect(await countRows('carol-1')).toEqual({ ...before, revocations: before['revocations']! + 1 })
    expect(isLive(context)).toBe(false)
    // It is asked for again, with the context that has ended.
    await forgetUser(context, options())
    const after = await countRows('carol-1')
    expect(Object.keys(after).filter((name) => after[name] !== 0)).toEqual(kept.toSorted())
  })

  it('removes the account of no user who has the same id at another issuer, or in a tenant', async () => {
    await fill('erin-1')
    const others = [{ namespace: 'issuer' }, { namespace: 'user-execution-context', tenantId: 'acme' }]
    for (const other of others) await forgetUser(await signIn('erin-1', 's-1', other), options())
    expect((await countRows('erin-1'))['users']).toBe(1)
  })

  it('removes the account of a user of a tenant, and asked for the same id elsewhere leaves it', async () => {
    const namespace = 'user-execution-context'
    await runAsAdmin(database.name, `INSERT INTO uec.users VALUES ('frank-1', 'frank-1', '{"tenantId":"acme"}')`)
    const accounts = async () => (await countRows('frank-1'))['users']
    for (const other of [{ namespace }, { namespace, tenantId: 'other' }, { namespace: 'issuer', tenantId: 'acme' }])
      await forgetUser(await signIn('frank-1', 's-1', other), options())
    expect(await accounts()).toBe(1)
    await forgetUser(await signIn('frank-1', 's-1', { namespace, tenantId: 'acme' }), options())
    expect(await accounts()).toBe(0)
  })

  it('ends the runs of the user, those that wait too, and those of nobody else', async () => {
    const [alice, bob] = [await signIn('alice-2'), await signIn('bob-2')]
    const ended: string[] = []
    const running = new Set<string>()
    let finish!: () => void
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const agent: Agent = async function* (scope) {
      const { userId } = scope.context
      running.add(userId)
      await Promise.race([finished, new Promise((resolve) => scope.signal.addEventListener('abort', resolve))])
      ended.push(`${userId} ${scope.signal.aborted ? 'aborted' : 'finished'}`)
      yield { type: 'agent_message_delta', text: 'done' }
    }
    const limits = parseLimits({ concurrentRunsPerUser: 1 })
    const goldenPath = openGoldenPath({
      ...{ agent, limits, eventLog: node.eventLog },
      runQueue: node.openQueue(limits, { sessions, pollMs: 50 }),
    })
    for (const context of [alice, await signIn('alice-2'), bob]) await goldenPath.execute(context, { text: 'go' })
    await expect.poll(() => running.size, { timeout: 20_000 }).toBe(2)
    await forgetUser(alice, options())
    await expect.poll(() => ended, { timeout: 20_000 }).toEqual(['alice-2 aborted'])
    finish()
    await expect.poll(() => ended, { timeout: 20_000 }).toEqual(['alice-2 aborted', 'bob-2 finished'])
    await expect.poll(async () => (await countRows('bob-2'))['jobs'], { timeout: 20_000 }).toBe(0)
    const left = await countRows('alice-2')
    expect(Object.keys(left).filter((name) => left[name] !== 0)).toEqual(['revocations'])
    await goldenPath.close()
  })

  it('waits for a worker that claims, and leaves nothing of what it claimed', async () => {
    const context = await fill('dave-1')
    const claimer = await node.postgres.worker.connect()
    await claimer.query('BEGIN')
    await claimer.query(`SELECT * FROM uec.claim(gen_random_uuid(), 50, 50, 1000, '{}', '{}')`)
    const forgetting = forgetUser(context, options())
    await pause(50)
    await claimer.query('COMMIT')
    claimer.release()
    await forgetting
    const after = await countRows('dave-1')
    expect(Object.keys(after).filter((name) => after[name] !== 0)).toEqual(kept.toSorted())
  })
})
