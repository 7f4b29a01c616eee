// A server that is there and lets a process in not at all, or not as it needs: what is said of it, and what is not.
import { inspect } from 'node:util'
import pg from 'pg'
import { isContextError, toClientAnswer } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratePostgres, openPostgres, readAuditTrail, recordShards, type ConnectionTarget } from '../../src/index.ts'
import { runCommand } from '../../src/command/run-command.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { GuardedServer } from '../guarded-server.ts'

const [right, wrong] = ['a-right-secret', 'a-wrong-secret']
const server = new GuardedServer()
const admin = (database = 'postgres') => ({ ...byAddress('uec_admin', database), host: server.directory })
const runAsAdmin = async (database: string, sql: string): Promise<void> => {
  const client = new pg.Client(toDriverConfig(admin(database)) as pg.ClientConfig)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

beforeAll(async () => {
  await server.start()
  await server.untilItAnswers()
  await runAsAdmin('postgres', 'CREATE DATABASE app')
  await migratePostgres({ connection: admin('app') })
  const logins = [
    'stranger LOGIN',
    'crowd LOGIN CONNECTION LIMIT 0',
    'asleep NOLOGIN',
    'only_tls LOGIN IN ROLE uec_service',
  ]
  for (const login of logins) await runAsAdmin('app', `CREATE ROLE ${login} PASSWORD '${right}'`)
  await runAsAdmin('app', `ALTER ROLE uec_service PASSWORD '${right}'`)
  await runAsAdmin('app', 'CREATE DATABASE closed')
  await runAsAdmin('app', 'REVOKE CONNECT ON DATABASE closed FROM PUBLIC')
}, 120_000)
afterAll(() => server.close())

const byAddress = (user: string, database = 'app', password = right, more: object = {}) => ({
  ...{ host: '127.0.0.1', port: server.port, user, database, password },
  ...more,
})

/** Who is not let in, with what the cause says and what there is to do. */
const refused: readonly (readonly [string, () => ConnectionTarget, RegExp, RegExp])[] = [
  ['a wrong password', () => byAddress('uec_service', 'app', wrong), /^28P01$/, /refused the password/],
  [
    'no password',
    () => `postgres://uec_service@127.0.0.1:${server.port}/app`,
    /SASL/,
    /requests a password, and the connection has none/,
  ],
  ['a role that may not log in', () => byAddress('asleep'), /^28000$/, /refused the login/],
  ['a login that needs TLS', () => byAddress('only_tls'), /^28000$/, /over TLS/],
  ['no database of that name', () => byAddress('uec_service', 'nowhere'), /^3D000$/, /no database of that name/],
  ['a database that is closed to it', () => byAddress('stranger', 'closed'), /^42501$/, /has not the right/],
  ['no connection that is left', () => byAddress('crowd'), /^53300$/, /no connection left/],
  [
    'a host that nobody knows',
    () => ({ ...byAddress('uec_service'), host: 'nowhere.invalid' }),
    /^(?:ENOTFOUND|EAI_AGAIN)$/,
    /name of the host/,
  ],
  [
    'a port that nobody listens at',
    () => ({ ...byAddress('uec_service'), port: 1 }),
    /^ECONNREFUSED$/,
    /Nothing listens/,
  ],
  [
    'a socket that is not there',
    () => ({ ...byAddress('uec_service'), host: '/nowhere' }),
    /^ENOENT$/,
    /Nothing listens/,
  ],
  [
    'TLS where there is none',
    () => ({ ...byAddress('uec_service'), host: server.directory, ssl: true }),
    /does not support SSL/,
    /speaks no TLS/,
  ],
  [
    'a certificate that nobody vouches for',
    () => byAddress('uec_service', 'app', right, { ssl: true }),
    /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    /certificate of the server is not trusted/,
  ],
]

type Failure = Error & { readonly code: string; readonly cause?: { readonly code?: string; readonly message: string } }
const failureOf = (opening: Promise<unknown>): Promise<Failure> =>
  opening.then(
    () => Promise.reject(new Error('It was let in.')),
    (reason: unknown) => reason as Failure,
  )
/** What an operator sees, and what no log has. */
const expectRefusal = (failure: Failure, cause: RegExp | undefined, fix: RegExp): void => {
  expect(isContextError(failure)).toBe(true)
  expect(failure).toMatchObject({
    code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE',
    message: expect.stringMatching(fix) as string,
  })
  if (cause === undefined) expect(failure.cause).toBeUndefined()
  else expect(failure.cause?.code ?? failure.cause?.message).toMatch(cause)
  expect(failure.message).not.toMatch(/127\.0\.0\.1|nowhere|uec_service@|closed"/)
  expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/a-(?:right|wrong)-secret/)
  expect(toClientAnswer(failure)).toMatchObject({ httpStatus: 503 })
}
const toUrl = (target: ConnectionTarget): string => {
  if (typeof target === 'string') return target
  const { host, port, user, database, password, ssl } = target
  const [authority, query] = host.startsWith('/') ? ['', `?host=${host}&port=${port}`] : [`${host}:${port}`, '?']
  return `postgres://${user}:${password}@${authority}/${database}${query}${ssl === true ? '&sslmode=verify-full' : ''}`
}
const complaintOf = async (words: readonly string[], env: Readonly<Record<string, string>>) => {
  let complaint = ''
  const status = await runCommand(words, {
    env,
    stdout: { write: () => {} },
    stderr: { write: (text) => (complaint += text) },
  })
  return { status, complaint }
}

describe('A server that does not let a process in', () => {
  describe.each(refused)('for %s', (_title, target, cause, fix) => {
    it.each([
      ['openPostgres()', () => openPostgres({ connections: { service: target() } })],
      ['openPostgres() for a worker', () => openWorker(target())],
      ['migratePostgres()', () => migratePostgres({ connection: target() })],
      ['recordShards()', () => recordShards({ shards: { one: target() } })],
      ['readAuditTrail()', () => readAuditTrail(target(), 'a trail')],
    ])('%s says what there is to do', async (_name, open) => {
      expectRefusal(await failureOf(open()), cause, fix)
    })

    it.each([
      ['migrate', 'DATABASE_URL', ''],
      ['check', 'DATABASE_URL', ''],
      ['record-shards', 'SHARDS', 'one='],
    ])('the command %s says it', async (command, name, before) => {
      const { status, complaint } = await complaintOf([command], { [name]: before + toUrl(target()) })
      expect({ status, complaint }).toEqual({ status: 1, complaint: expect.stringMatching(fix) as string })
      expect(complaint).not.toMatch(/a-(?:right|wrong)-secret|\n\s+at /)
    })
  })

  it('says of a login without the rights of the service which login to take', async () => {
    const failure = await failureOf(openPostgres({ connections: { service: byAddress('stranger') } }))
    expectRefusal(failure, /^42501$/, /be uec_service/)
  })

  it('says of a login that may not migrate who may', async () => {
    await runAsAdmin('app', 'CREATE DATABASE fresh')
    const failure = await failureOf(migratePostgres({ connection: byAddress('stranger', 'fresh') }))
    expectRefusal(failure, /^42501$/, /npx user-execution-context-postgres roles/)
  })
})

async function openWorker(worker: ConnectionTarget): Promise<unknown> {
  const postgres = await openPostgres({ connections: { service: byAddress('uec_service'), worker } })
  return postgres.close()
}

describe('A server that only reads', () => {
  beforeAll(async () => {
    await server.stop()
    server.becomeStandby()
    await server.start()
    await server.untilItAnswers()
  }, 120_000)

  it.each([
    ['openPostgres()', () => openPostgres({ connections: { service: byAddress('uec_service') } })],
    ['migratePostgres()', () => migratePostgres({ connection: admin('app') })],
    ['recordShards()', () => recordShards({ shards: { one: admin('app') } })],
  ])('%s requests the one that writes', async (_name, open) => {
    expectRefusal(await failureOf(open()), undefined, /only reads/)
  })
})

describe('A server that is starting', () => {
  beforeAll(async () => {
    await server.stop()
    await server.start('-c', 'hot_standby=off')
  }, 120_000)

  it.each([
    ['openPostgres()', () => openPostgres({ connections: { service: byAddress('uec_service') } })],
    ['migratePostgres()', () => migratePostgres({ connection: admin('app') })],
  ])('%s asks to wait', async (_name, open) => {
    let failure = await failureOf(open())
    while (failure.cause?.code === 'ECONNREFUSED' || failure.cause?.code === 'ENOENT') failure = await failureOf(open())
    expectRefusal(failure, /^57P03$/, /starting, stopping or recovering/)
  })
})
