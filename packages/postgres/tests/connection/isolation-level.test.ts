// Databases whose transactions begin at another level than the statements of the library are written for.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { runQueueContract, attemptLimitsContract } from '@user-execution-context/golden-path/contracts'
import { migratePostgres, openPostgres, postgresAttemptLimits } from '../../src/index.ts'
import { endRun, fileRun, newContext, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const levels = ['repeatable read', 'serializable'] as const
const strict = { 'repeatable read': testDatabase(), 'serializable': testDatabase() }
beforeAll(async () => {
  for (const level of levels)
    await runAsAdmin('postgres', `ALTER DATABASE ${strict[level].name} SET default_transaction_isolation = '${level}'`)
})

describe.each(levels)('a database that begins transactions as %s', (level) => {
  const database = strict[level]
  let node: Awaited<ReturnType<typeof openNode>>
  beforeAll(async () => {
    const there = await queryAsAdmin(database.name, 'SHOW default_transaction_isolation')
    expect(there).toEqual([{ default_transaction_isolation: level }])
    node = await openNode(database)
  })
  afterAll(() => node.close())
  const cases = runQueueContract({
    openQueue: async (limits) => {
      await runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events')
      return node.openQueue(limits)
    },
    createContext: newContext,
    prepare: (job) => fileRun(node.eventLog, job),
    finish: endRun,
    quietMs: 150,
  })
  it.each(cases)('$name', ({ run }) => run())
  it.each(attemptLimitsContract((bounds) => postgresAttemptLimits(node.postgres.service, bounds)))('$name', ({ run }) =>
    run(),
  )

  it('lets single statements of many change one row at once', async () => {
    const { service } = node.postgres
    await service.query("INSERT INTO uec.sign_in_failures VALUES ('one', 0, now())")
    const update =
      "UPDATE uec.sign_in_failures SET failures = failures + 1 FROM pg_sleep(0.05) WHERE key_digest = 'one'"
    await Promise.all(Array.from({ length: 8 }, () => service.query(update)))
    const { rows } = await service.query("SELECT failures FROM uec.sign_in_failures WHERE key_digest = 'one'")
    expect(rows).toEqual([{ failures: 8 }])
  })

  it('is migrated once by many', async () => {
    const name = `${database.name}_new`
    await runAsAdmin('postgres', `CREATE DATABASE ${name}`)
    await runAsAdmin('postgres', `ALTER DATABASE ${name} SET default_transaction_isolation = '${level}'`)
    const connection = { ...database.migrate, database: name }
    const all = await Promise.all(Array.from({ length: 4 }, () => migratePostgres({ connection })))
    expect(all.filter(({ from }) => from === 0)).toHaveLength(1)
    await runAsAdmin('postgres', `DROP DATABASE ${name} WITH (FORCE)`)
  })
})

describe('a login whose role has no level', () => {
  const { name } = strict['repeatable read']
  const setting = `ALTER ROLE uec_service IN DATABASE ${name}`
  afterAll(() => runAsAdmin(name, `${setting} SET default_transaction_isolation = 'read committed'`))

  it.each(['serverHost', 'poolerHost'] as const)('is refused at %s, until it does', async (host) => {
    const login = { host: inject(host), user: 'uec_service', database: name }
    await runAsAdmin(name, `${setting} RESET default_transaction_isolation`)
    // A pooler keeps connections, and they the level that they began with.
    const own = "pg_stat_activity WHERE usename = 'uec_service' AND datname = current_database()"
    await runAsAdmin(name, `SELECT pg_terminate_backend(pid) FROM ${own}`)
    await expect.poll(() => queryAsAdmin(name, `SELECT pid FROM ${own}`), { timeout: 20_000 }).toEqual([])
    await expect(openPostgres({ connections: { service: login } })).rejects.toThrow('default_transaction_isolation')
  })
})
