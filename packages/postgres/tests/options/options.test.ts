// What functions of this package are given, and must not take.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isContextError } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import * as ports from '../../src/index.ts'
import { newContext, openNode, ring } from '../open-ports.ts'
import { queryAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const fresh = testDatabase({ migrated: false })
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => void (node = await openNode(database)))
afterAll(() => node.close())

const canary = 'password-canary'
const url = `postgres://uec_service:${canary}@127.0.0.1:1/app`
const login = { host: '127.0.0.1', port: 1, user: 'uec_service', database: 'app', password: canary }
const limits = parseLimits()
const context = newContext('alice')

type Given = Readonly<Record<string, unknown>>
type Function = (...given: readonly unknown[]) => unknown
const { databaseLog, openPostgres, openWakeChannel, ...others } = ports as unknown as Readonly<Record<string, Function>>

/** How each function is called rightly, and with what is wrong in place of a part of it. */
const calls: Readonly<Record<string, (given: Given) => unknown>> = {
  'openPostgres': (given) => openPostgres!({ connections: { service: url }, ...given }),
  'openPostgres, shards': (given) => openPostgres!({ shards: { a: { service: url } }, ...given }),
  'migratePostgres': (given) => others['migratePostgres']!({ connection: url, ...given }),
  'recordShards': (given) => others['recordShards']!({ shards: { a: url }, ...given }),
  'moveOwner': (given) => others['moveOwner']!({ shards: { a: url }, ownerKey: 'alice', to: 'a', ...given }),
  'openEmbeddedPostgres': (given) => others['openEmbeddedPostgres']!({ directory: '/proc/none', ...given }),
  'openWakeChannel': (given) => openWakeChannel!({ pool: node.postgres.service, listen: url, ...given }),
  'databaseLog': ({ log }) => databaseLog!(log),
  'postgresEventLog': (given) => others['postgresEventLog']!({ ...toPorts(), ...given }),
  'postgresRunQueue': (given) => others['postgresRunQueue']!({ ...toQueue(), ...given }),
  'postgresRevocations': (given) => others['postgresRevocations']!({ ...toPorts(), ...given }),
  'postgresStartKeys': (given) => others['postgresStartKeys']!({ postgres: node.postgres, limits, ...given }),
  'postgresHandleStore': (given) => others['postgresHandleStore']!({ postgres: node.postgres, ...given }),
  'postgresAuditTrail': (given) => others['postgresAuditTrail']!({ pool: node.postgres.service, trail: 't', ...given }),
  'readAuditTrail': ({ connection = url, trail = 't' }) => others['readAuditTrail']!(connection, trail),
  'postgresUsers': ({ pool }) => others['postgresUsers']!(pool),
  'postgresReplayMemory': ({ pool }) => others['postgresReplayMemory']!(pool),
  'postgresTickets': ({ pool = node.postgres.service, ...given }) => others['postgresTickets']!(pool, given),
  'postgresAttemptLimits': ({ pool = node.postgres.service, ...given }) =>
    others['postgresAttemptLimits']!(pool, given),
  'forgetUser': (given) => others['forgetUser']!(context, { ...toPorts(), sessions: node.sessions, ...given }),
  'checkPolicies': ({ pool = node.postgres.service, ...given }) => others['checkPolicies']!(pool, given),
  'toOwnerPolicy': (given) => others['toOwnerPolicy']!({ schema: 'app', table: 'notes', ...given }),
  'toRolesSql': ({ database: name }) => others['toRolesSql']!(name),
  'shardedEventLog': (given) => others['shardedEventLog']!({ shards: undefined, ...given }),
  'shardedRunQueue': (given) => others['shardedRunQueue']!({ ...toQueue(), shards: undefined, ...given }),
  'shardedStartKeys': (given) => others['shardedStartKeys']!({ limits, shards: undefined, ...given }),
  'shardedHandleStore': ({ shards }) => others['shardedHandleStore']!(shards),
}

function toPorts(): Given {
  return { postgres: node.postgres, wakes: node.wakes }
}

function toQueue(): Given {
  return { ...toPorts(), eventLog: node.eventLog, limits, sessions: node.sessions, ...ring }
}

const issuesOf = async (call: () => unknown): Promise<unknown> => {
  const error: unknown = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )
  if (!isContextError(error)) return error ?? 'taken'
  expect(`${error.message} ${JSON.stringify(error.issues)} ${String(error.cause)}`).not.toContain(canary)
  return [error.code, ...error.issues.map(({ path, kind }) => `${path}: ${kind}`)]
}

// [function, what it is given, the path, the kind]
const cases: readonly (readonly [string, Given, string, string])[] = [
  ['openPostgres', { connections: undefined }, 'connections', 'missing'],
  ['openPostgres', { connections: url }, 'connections', 'not an object'],
  ['openPostgres', { connections: {} }, 'connections.service', 'missing'],
  ['openPostgres', { connections: { service: url, worke: url } }, 'connections.worke', 'unknown key'],
  ['openPostgres', { connections: { service: url, [canary + '!']: 1 } }, 'connections[key 2]', 'unknown key'],
  ['openPostgres', { connections: { service: 5 } }, 'connections.service', 'not an object'],
  ['openPostgres', { connections: { service: '' } }, 'connections.service', 'empty'],
  ['openPostgres', { connections: { service: `${canary}@host` } }, 'connections.service', 'does not fit'],
  ['openPostgres', { connections: { service: `mysql://u:${canary}@h/d` } }, 'connections.service', 'does not fit'],
  ['openPostgres', { connections: { service: `postgres://u:${canary}@h:x/d` } }, 'connections.service', 'does not fit'],
  [
    'openPostgres',
    { connections: { service: `postgres://u:${canary}%E0@h/d` } },
    'connections.service',
    'does not fit',
  ],
  ['openPostgres', { connections: { service: `${url}?port=x` } }, 'connections.service', 'does not fit'],
  ['openPostgres', { connections: { service: `${url}?sslcert=/${canary}` } }, 'connections.service', 'does not fit'],
  ['openPostgres', { connections: { service: url, worker: canary } }, 'connections.worker', 'does not fit'],
  ['openPostgres', { connections: { service: url, listen: canary } }, 'connections.listen', 'does not fit'],
  ['openPostgres', { connections: { service: url, migrate: canary } }, 'connections.migrate', 'does not fit'],
  ['openPostgres', { connections: { service: { ...login, host: undefined } } }, 'connections.service.host', 'missing'],
  ['openPostgres', { connections: { service: { ...login, host: '' } } }, 'connections.service.host', 'empty'],
  ['openPostgres', { connections: { service: { ...login, user: 5 } } }, 'connections.service.user', 'not a string'],
  [
    'openPostgres',
    { connections: { service: { ...login, database: 'a\0' } } },
    'connections.service.database',
    'illegal character',
  ],
  [
    'openPostgres',
    { connections: { service: { ...login, port: '5432' } } },
    'connections.service.port',
    'not a number',
  ],
  ['openPostgres', { connections: { service: { ...login, port: 65_536 } } }, 'connections.service.port', 'too large'],
  [
    'openPostgres',
    { connections: { service: { ...login, password: 5 } } },
    'connections.service.password',
    'not a string',
  ],
  ['openPostgres', { connections: { service: { ...login, ssl: 'no' } } }, 'connections.service.ssl', 'does not fit'],
  [
    'openPostgres',
    { connections: { service: { ...login, pasword: canary } } },
    'connections.service.pasword',
    'unknown key',
  ],
  ['openPostgres', { maxConnection: 5 }, 'maxConnection', 'unknown key'],
  ['openPostgres', { maxConnections: '5' }, 'maxConnections', 'not a number'],
  ['openPostgres', { maxConnections: 0 }, 'maxConnections', 'too small'],
  ['openPostgres', { maxConnections: 5_000 }, 'maxConnections', 'too large'],
  ['openPostgres', { maxConnections: 1.5 }, 'maxConnections', 'does not fit'],
  ['openPostgres', { connectTimeoutMs: 0 }, 'connectTimeoutMs', 'too small'],
  ['openPostgres', { answerTimeoutMs: NaN }, 'answerTimeoutMs', 'not a number'],
  ['openPostgres', { answerTimeoutMs: Infinity }, 'answerTimeoutMs', 'too large'],
  ['openPostgres', { onConnectionError: true }, 'onConnectionError', 'not a function'],
  ['openPostgres', { moveWaitMs: 1 }, 'moveWaitMs', 'unknown key'],
  ['openPostgres, shards', { connections: { service: url } }, 'connections', 'unknown key'],
  ['openPostgres, shards', { shards: undefined }, 'shards', 'missing'],
  ['openPostgres, shards', { shards: url }, 'shards', 'not an object'],
  ['openPostgres, shards', { shards: {} }, 'shards', 'does not fit'],
  ['openPostgres, shards', { shards: { 'A b': { service: url } } }, 'shards', 'does not fit'],
  ['openPostgres, shards', { shards: { a: url } }, 'shards.a', 'not an object'],
  ['openPostgres, shards', { shards: { a: { service: url, worke: url } } }, 'shards.a.worke', 'unknown key'],
  ['openPostgres, shards', { shards: { a: { service: canary } } }, 'shards.a.service', 'does not fit'],
  ['openPostgres, shards', { maxConnections: 0 }, 'maxConnections', 'too small'],
  ['openPostgres, shards', { moveWaitMs: -1 }, 'moveWaitMs', 'too small'],
  ['openPostgres, shards', { pollMs: 0 }, 'pollMs', 'too small'],
  ['openPostgres, shards', { onWakeState: 1 }, 'onWakeState', 'not a function'],
  ['migratePostgres', { connection: undefined }, 'connection', 'missing'],
  ['migratePostgres', { connection: canary }, 'connection', 'does not fit'],
  ['migratePostgres', { connections: url }, 'connections', 'unknown key'],
  ['recordShards', { shards: { a: canary } }, 'shards.a', 'does not fit'],
  ['recordShards', { placing: 'a' }, 'placing', 'not an array'],
  ['recordShards', { placing: [1] }, 'placing[0]', 'not a string'],
  ['recordShards', { answerTimeoutMs: 0 }, 'answerTimeoutMs', 'too small'],
  ['recordShards', { plasing: ['a'] }, 'plasing', 'unknown key'],
  ['moveOwner', { shards: { a: canary } }, 'shards.a', 'does not fit'],
  ['moveOwner', { ownerKey: '' }, 'ownerKey', 'empty'],
  ['moveOwner', { to: 1 }, 'to', 'not a string'],
  ['moveOwner', { waitMs: -1 }, 'waitMs', 'too small'],
  ['moveOwner', { endMs: -1 }, 'endMs', 'too small'],
  ['moveOwner', { settleMs: '5' }, 'settleMs', 'not a number'],
  ['moveOwner', { answerTimeoutMs: 0 }, 'answerTimeoutMs', 'too small'],
  ['moveOwner', { onStep: 1 }, 'onStep', 'not a function'],
  ['moveOwner', { setleMs: 1 }, 'setleMs', 'unknown key'],
  ['openEmbeddedPostgres', { directory: '' }, 'directory', 'empty'],
  ['openEmbeddedPostgres', { directory: 5 }, 'directory', 'not a string'],
  ['openEmbeddedPostgres', { maxConnections: '100' }, 'maxConnections', 'not a number'],
  ['openEmbeddedPostgres', { maxConnections: 9 }, 'maxConnections', 'too small'],
  ['openEmbeddedPostgres', { startTimeoutMs: 99 }, 'startTimeoutMs', 'too small'],
  ['openEmbeddedPostgres', { onNotice: 'x' }, 'onNotice', 'not a function'],
  ['openEmbeddedPostgres', { port: 5432 }, 'port', 'unknown key'],
  ['openWakeChannel', { pool: {} }, 'pool.query', 'missing'],
  ['openWakeChannel', { listen: canary }, 'listen', 'does not fit'],
  ['openWakeChannel', { collectMs: -1 }, 'collectMs', 'too small'],
  ['openWakeChannel', { checkMs: 0 }, 'checkMs', 'too small'],
  ['openWakeChannel', { onState: 1 }, 'onState', 'not a function'],
  ['openWakeChannel', { onstate: () => {} }, 'onstate', 'unknown key'],
  ['databaseLog', {}, 'log', 'missing'],
  ['postgresEventLog', { postgres: undefined }, 'postgres', 'missing'],
  ['postgresEventLog', { postgres: {} }, 'postgres.service', 'missing'],
  ['postgresEventLog', { wakes: {} }, 'wakes.wake', 'missing'],
  ['postgresEventLog', { pollMs: 2_147_483_648 }, 'pollMs', 'too large'],
  ['postgresEventLog', { retention: { maxAge: 1 } }, 'retention.maxAge', 'unknown key'],
  ['postgresEventLog', { retention: { maxAgeMs: 0 } }, 'retention.maxAgeMs', 'too small'],
  ['postgresEventLog', { retention: { runsPerUser: 1.5 } }, 'retention.runsPerUser', 'does not fit'],
  ['postgresEventLog', { retention: { bytesPerUser: 2 ** 53 } }, 'retention.bytesPerUser', 'too large'],
  ['postgresEventLog', { retention: { eventsPerRun: '1' } }, 'retention.eventsPerRun', 'not a number'],
  ['postgresEventLog', { retention: { everyMs: 86_400_001 } }, 'retention.everyMs', 'too large'],
  ['postgresEventLog', { retention: 5 }, 'retention', 'not an object'],
  ['postgresEventLog', { onError: 1 }, 'onError', 'not a function'],
  ['postgresEventLog', { poolMs: 1 }, 'poolMs', 'unknown key'],
  ['postgresRunQueue', { postgres: 5 }, 'postgres', 'not an object'],
  ['postgresRunQueue', { wakes: undefined }, 'wakes', 'missing'],
  ['postgresRunQueue', { eventLog: {} }, 'eventLog.writerParts', 'missing'],
  ['postgresRunQueue', { limits: { ...limits, concurrentRuns: 0 } }, 'limits.concurrentRuns', 'too small'],
  ['postgresRunQueue', { limits: { ...limits, queuedRuns: undefined } }, 'limits.queuedRuns', 'missing'],
  ['postgresRunQueue', { limits: undefined }, 'limits', 'missing'],
  ['postgresRunQueue', { sealer: 'key' }, 'sealer', 'not an object'],
  ['postgresRunQueue', { opener: undefined }, 'opener', 'missing'],
  ['postgresRunQueue', { sessions: undefined }, 'sessions', 'missing'],
  ['postgresRunQueue', { executes: 'no' }, 'executes', 'not a boolean'],
  ['postgresRunQueue', { leaseMs: 1.5 }, 'leaseMs', 'does not fit'],
  ['postgresRunQueue', { pollMs: 0 }, 'pollMs', 'too small'],
  ['postgresRunQueue', { maxAttempts: 1_001 }, 'maxAttempts', 'too large'],
  ['postgresRunQueue', { maxAttempts: 0 }, 'maxAttempts', 'too small'],
  ['postgresRunQueue', { unqueuedMs: 86_400_001 }, 'unqueuedMs', 'too large'],
  ['postgresRunQueue', { unqueuedMs: 999 }, 'unqueuedMs', 'too small'],
  ['postgresRunQueue', { onError: {} }, 'onError', 'not a function'],
  ['postgresRunQueue', { maxAttempt: 5 }, 'maxAttempt', 'unknown key'],
  ['postgresRevocations', { pollMs: 0 }, 'pollMs', 'too small'],
  ['postgresRevocations', { postgres: { service: {} } }, 'postgres.service.query', 'missing'],
  ['postgresRevocations', { poolMs: 0 }, 'poolMs', 'unknown key'],
  ['postgresStartKeys', { decideMs: 0 }, 'decideMs', 'too small'],
  ['postgresStartKeys', { limits: {} }, 'limits.idempotencyKeysPerUser', 'missing'],
  ['postgresStartKeys', { decidems: 1 }, 'decidems', 'unknown key'],
  ['postgresHandleStore', { pool: 1 }, 'pool', 'unknown key'],
  ['postgresHandleStore', { postgres: null }, 'postgres', 'not an object'],
  ['postgresAuditTrail', { trail: '' }, 'trail', 'empty'],
  ['postgresAuditTrail', { trail: 'x'.repeat(129) }, 'trail', 'too long'],
  ['postgresAuditTrail', { pool: undefined }, 'pool', 'missing'],
  ['postgresAuditTrail', { name: 'x' }, 'name', 'unknown key'],
  ['readAuditTrail', { connection: canary }, 'connection', 'does not fit'],
  ['readAuditTrail', { trail: 5 }, 'trail', 'not a string'],
  ['postgresUsers', {}, 'pool', 'missing'],
  ['postgresReplayMemory', { pool: 5 }, 'pool', 'not an object'],
  ['postgresTickets', { pool: null }, 'pool', 'not an object'],
  ['postgresTickets', { lifetimeMs: 0 }, 'lifetimeMs', 'too small'],
  ['postgresTickets', { maxPerSession: 0 }, 'maxPerSession', 'too small'],
  ['postgresTickets', { maxPerUser: 1 }, 'maxPerUser', 'unknown key'],
  ['postgresAttemptLimits', { pool: null }, 'pool', 'not an object'],
  ['postgresAttemptLimits', { maxKeys: 1 }, 'maxKeys', 'unknown key'],
  ['postgresAttemptLimits', { windowMs: Infinity }, 'windowMs', 'too large'],
  ['postgresAttemptLimits', { lostAfterMs: 0 }, 'lostAfterMs', 'too small'],
  ['postgresAttemptLimits', { perUser: NaN }, 'perUser', 'not a number'],
  ['forgetUser', { sessions: {} }, 'sessions.revoke', 'missing'],
  ['forgetUser', { wakes: undefined }, 'wakes', 'missing'],
  ['forgetUser', { home: {} }, 'home.service', 'missing'],
  ['forgetUser', { tables: {} }, 'tables', 'not an array'],
  ['forgetUser', { tables: [{ table: 'notes' }] }, 'tables[0].schema', 'missing'],
  ['forgetUser', { tables: [{ schema: 'app', table: 'n', colum: 'c' }] }, 'tables[0].colum', 'unknown key'],
  ['forgetUser', { table: [] }, 'table', 'unknown key'],
  ['checkPolicies', { pool: {} }, 'pool.connect', 'missing'],
  ['checkPolicies', { allowed: 'app.countries' }, 'allowed', 'not an array'],
  ['checkPolicies', { alowed: [] }, 'alowed', 'unknown key'],
  ['toOwnerPolicy', { table: '' }, 'table', 'empty'],
  ['toOwnerPolicy', { schema: 'a\0' }, 'schema', 'illegal character'],
  ['toOwnerPolicy', { column: 1 }, 'column', 'not a string'],
  ['toOwnerPolicy', { colum: 'c' }, 'colum', 'unknown key'],
  ['toRolesSql', {}, 'database', 'missing'],
  ['shardedEventLog', {}, 'shards', 'missing'],
  ['shardedEventLog', { shards: {} }, 'shards.route', 'missing'],
  ['shardedRunQueue', {}, 'shards', 'missing'],
  ['shardedStartKeys', { shards: 5 }, 'shards', 'not an object'],
  ['shardedHandleStore', {}, 'shards', 'missing'],
]

describe('options', () => {
  it.each(cases.map(([name, given, path, kind]) => [name, path, kind, given] as const))(
    'of %s() are refused: %s is %s',
    async (name, path, kind, given) => {
      const [code, ...issues] = (await issuesOf(() => calls[name]!(given))) as readonly string[]
      expect([code, issues]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', expect.arrayContaining([`${path}: ${kind}`])])
    },
  )

  it('that are no object are refused by every function that takes some', async () => {
    for (const given of [undefined, null, 'text', 5, []]) {
      const call = (name: string, ...before: readonly unknown[]) =>
        issuesOf(() => (ports as unknown as Readonly<Record<string, Function>>)[name]!(...before, given))
      for (const name of ['openPostgres', 'migratePostgres', 'postgresEventLog', 'postgresRunQueue', 'toOwnerPolicy'])
        expect(await call(name)).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ': not an object'])
      expect(await call('forgetUser', context)).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ': not an object'])
    }
  })

  it('are named all at once', async () => {
    const given = { connections: { worke: url }, maxConnections: 0, onerror: 1 }
    expect(await issuesOf(() => openPostgres!(given))).toEqual([
      'ERR_CONTEXT_INVALID_OPTIONS',
      'connections.service: missing',
      'connections.worke: unknown key',
      'maxConnections: too small',
      'onerror: unknown key',
    ])
  })

  it('that are wrong leave the database as it was', async () => {
    const { service, migrate } = fresh
    await issuesOf(() => openPostgres!({ connections: { service, migrate }, maxConnections: 0 }))
    await issuesOf(() => openPostgres!({ connections: { service, migrate, worke: service } }))
    await issuesOf(() => openPostgres!({ shards: { a: { service, migrate } }, pollMs: 0 }))
    await issuesOf(() => others['migratePostgres']!({ connection: migrate, force: true }))
    const schemas = await queryAsAdmin(fresh.name, "SELECT FROM pg_namespace WHERE nspname = 'uec'")
    expect(schemas).toHaveLength(0)
  })

  it('of a prototype are none', async () => {
    const own = Object.create({ onConnectionError: 5, maxConnections: 0 }) as object
    const given = Object.assign(own, { connections: { service: database.service, listen: database.listen } })
    const postgres = (await openPostgres!(given)) as ports.Postgres
    await postgres.close()
  })
})
