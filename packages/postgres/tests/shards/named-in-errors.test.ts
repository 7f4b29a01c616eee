// A shard that is away, or refuses, is named by the name that it was configured with: in errors, and in the log.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { defaultLimits, parseLimits } from '@user-execution-context/golden-path'
import {
  databaseLog,
  moveOwner,
  openPostgres,
  postgresRevocations,
  recordShards,
  shardedEventLog,
  shardedStartKeys,
  withUserSession,
  type DatabaseLogRecord,
} from '../../src/index.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'
import { newContextOn, openShardedNode, shardDatabases, toShards } from './shard-databases.ts'

const databases = shardDatabases()
const empty = testDatabase({ migrated: false })
const nowhere = mkdtempSync(join(tmpdir(), 'uec-nowhere-'))
const lines: DatabaseLogRecord[] = []
const log = databaseLog((line) => lines.push(line))
const { onConnectionError, onWakeState, onError } = log
const user = newContextOn('b', 'user-of-b')
const ownerKey = toOwnerKey(user)
let network: OutageProxy
let node: Awaited<ReturnType<typeof openShardedNode>>
const toBehind = () => {
  const { service, worker, listen } = databases.b
  const [serving, working, listening] = [service, worker, listen].map((login) => ({ ...login, host: network.host }))
  return { ...databases.b, service: serving!, worker: working!, listen: listening! }
}
beforeAll(async () => {
  network = new OutageProxy(databases.b.service.host)
  await network.open()
  const options = { connectTimeoutMs: 1_000, onConnectionError, onWakeState }
  node = await openShardedNode({ ...databases, b: toBehind() }, options)
  await node.shards.of(ownerKey)
})
afterAll(async () => {
  network.heal()
  await node.close()
  network.close()
  rmSync(nowhere, { recursive: true })
})

/** What is thrown, and that it names the shard, and nothing else that it should not. */
const expectNamed = async (asking: unknown, code: string): Promise<string> => {
  const error = (await Promise.resolve(asking).then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )) as Error & { readonly code?: unknown }
  expect(error).toMatchObject({ code, message: expect.stringMatching(/\bshard is "b"/) as string })
  const { host, database } = databases.b.service
  for (const secret of [host, network.host, nowhere, database, ownerKey, user.userId, user.tenantId!, 'uec_service'])
    expect(error.message).not.toContain(secret)
  return error.message
}
const withLogin = (change: object) => {
  const { b } = databases
  return { ...databases, b: { ...b, service: { ...b.service, ...change } } }
}
const open = (named: Parameters<typeof toShards>[0]) => openPostgres({ shards: toShards(named) })
const away = 'ERR_CONTEXT_DATABASE_UNAVAILABLE'

describe('a shard that does not open is named', () => {
  it('where nothing listens', async () => {
    expect(await expectNamed(open(withLogin({ host: nowhere })), away)).toMatch(/Nothing listens at that address/)
  })

  it('where it refuses the login', async () => {
    expect(await expectNamed(open(withLogin({ database: 'x' })), away)).toMatch(/no database of that name/)
  })

  it('where it has no schema', async () => {
    const { service } = databases.a
    const shards = { a: { service }, b: { service: { ...service, database: empty.name } } }
    expect(await expectNamed(openPostgres({ shards }), 'ERR_CONTEXT_DATABASE_SCHEMA')).toMatch(/migrate/)
  })

  it('by recordShards() and by moveOwner()', async () => {
    const shards = { a: databases.a.migrate, b: { ...databases.b.migrate, host: nowhere } }
    await expectNamed(recordShards({ shards }), away)
    await expectNamed(moveOwner({ shards, ownerKey, to: 'a' }), away)
  })
})

describe('a shard that refuses an owner is named', () => {
  it('by the log', async () => {
    const impatient = await openShardedNode(databases, { moveWaitMs: 0 })
    await impatient.shards.of(ownerKey)
    await runAsAdmin(databases.b.name, `UPDATE uec.owner_homes SET state = 'draining' WHERE owner_key = '${ownerKey}'`)
    const filing = impatient.eventLog.create({
      ...{ ownerKey, runId: user.runId, threadId: user.threadId, requestId: user.requestId, createdAtMs: 1 },
    })
    await expectNamed(filing, 'ERR_CONTEXT_OWNER_MOVING')
    await runAsAdmin(databases.b.name, `UPDATE uec.owner_homes SET state = 'here' WHERE owner_key = '${ownerKey}'`)
    await impatient.close()
  })
})

describe('a shard that goes away is named', () => {
  const calls: Readonly<Record<string, () => unknown>> = {
    'the log': () => Promise.resolve(node.eventLog.list(ownerKey)),
    'the queue': () =>
      node.openQueue(parseLimits(), { executes: false }).enqueue({ context: user, input: { text: 'go' } }),
    'the keys of starts': () =>
      shardedStartKeys({ shards: node.shards, limits: defaultLimits }).release(
        { ownerKey, digest: 'd', inputDigest: 'i' } as never,
        { ownerKey, runId: user.runId } as never,
      ),
    'the home of an owner': () => node.shards.of(toOwnerKey(newContextOn('b', 'user-new'))),
    'a user session': () => withUserSession(user, node.shards.poolOf(ownerKey), (session) => session.query('SELECT 1')),
    'a user session of its pool': () =>
      withUserSession(user, node.shards.all[1]!.postgres.service, (session) => session.query('SELECT 1')),
    'the revocations, which have no owner': () => {
      const { postgres, wakes } = node.shards.all[1]!
      return postgresRevocations({ postgres, wakes })
    },
    'a connection without a session': () => node.shards.poolOf(ownerKey).connect(),
  }
  beforeAll(() => network.cut())
  afterAll(() => network.heal())

  it.each(Object.keys(calls))('by %s', async (name) => {
    await expectNamed(Promise.resolve().then(calls[name]), away)
  })
})

describe('the log of the process names a shard', () => {
  const says = (event: DatabaseLogRecord['event']) =>
    expect.poll(() => lines.findLast((line) => line.event === event), { timeout: 30_000 })

  it('that loses connections, is not heard, and is heard again, and whose work fails', async () => {
    await expect.poll(() => node.shards.all[1]!.wakes.isHeard, { timeout: 30_000 }).toBe(true)
    const eventLog = shardedEventLog({ shards: node.shards, retention: { everyMs: 50 }, onError })
    await node.shards.of(ownerKey)
    await eventLog.list(ownerKey)
    lines.splice(0)
    await runAsAdmin(
      databases.b.name,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    await says('database-connection-lost').toMatchObject({ shard: 'b', code: '57P01' })
    network.cut()
    await says('database-failed').toMatchObject({ shard: 'b' })
    await says('wakes-lost').toMatchObject({ shard: 'b' })
    network.heal()
    await says('wakes-heard').toMatchObject({ shard: 'b' })
    await eventLog.close()
    const text = JSON.stringify(lines)
    expect(text).not.toContain('"shard":"a"')
    for (const secret of [network.host, databases.b.name, ownerKey, user.userId]) expect(text).not.toContain(secret)
  }, 120_000)
})
