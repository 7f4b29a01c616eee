import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { openPostgres } from '../../src/shards/open-postgres.ts'
import { migratePostgres } from '../../src/migrations/migrate-postgres.ts'
import { knownVersion } from '../../src/migrations/schema-version.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

describe('migratePostgres', () => {
  const database = testDatabase({ migrated: false })

  it('makes the schema once, however many start at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => migratePostgres({ connection: database.migrate })))
    expect(all.map(({ from }) => from).sort()).toEqual([0, knownVersion, knownVersion, knownVersion])
    expect(all.every(({ to }) => to === knownVersion)).toBe(true)
  })

  it('leaves a schema that is up to date as it is, and the service reads its version', async () => {
    const postgres = await openPostgres({ connections: { service: database.service, migrate: database.migrate } })
    const { rows } = await postgres.service.query('SELECT count(*)::int AS count FROM uec.migrations')
    expect(rows).toEqual([{ count: knownVersion }])
    await postgres.close()
  })

  it('gives no user outside of a session', async () => {
    const client = new pg.Client(toDriverConfig(database.service) as pg.ClientConfig)
    await client.connect()
    const { rows } = await client.query(`SELECT uec.owner(), uec.tenant(), uec.has_permission('notes:read') AS may`)
    expect(rows).toEqual([{ owner: null, tenant: null, may: false }])
    await client.end()
  })

  it('rejects, and ends no process, when the server ends its connection', async () => {
    const holder = new pg.Client(toDriverConfig(database.migrate) as pg.ClientConfig)
    await holder.connect()
    await holder.query('SELECT pg_advisory_lock(8390457103662054913)')
    const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    const refused = expect(migratePostgres({ connection: database.migrate })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE',
      cause: { code: '57P01' },
    })
    await expect.poll(async () => (await holder.query(waiting)).rowCount, { timeout: 20_000 }).toBe(1)
    await holder.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS w`)
    await refused
    await holder.end()
  })

  it('refuses a schema that a newer version made', async () => {
    await runAsAdmin(database.name, `INSERT INTO uec.migrations VALUES (${knownVersion + 1}, 'of tomorrow')`)
    const refused = { code: 'ERR_CONTEXT_DATABASE_SCHEMA', message: expect.stringContaining('newer version') as string }
    await expect(migratePostgres({ connection: database.migrate })).rejects.toMatchObject(refused)
    await expect(openPostgres({ connections: { service: database.service } })).rejects.toMatchObject(refused)
  })
})

describe('migratePostgres of a database that others use, too', () => {
  const database = testDatabase({ migrated: false })
  const other = `other_${randomUUID().replaceAll('-', '')}`
  beforeAll(() => runAsAdmin('postgres', `CREATE ROLE ${other} LOGIN`))
  afterAll(() => runAsAdmin('postgres', `DROP ROLE ${other}`))
  const connect = async (user: string) => {
    const client = new pg.Client(toDriverConfig({ ...database.migrate, user }) as pg.ClientConfig)
    await client.connect()
    const may = "SELECT has_database_privilege(current_database(), 'TEMPORARY') AS may_make_temporary"
    const { rows } = await client.query(may)
    await client.end()
    return rows[0] as unknown
  }

  it('keeps none of their logins out, and takes temporary tables from all', async () => {
    expect(await connect(other)).toEqual({ may_make_temporary: true })
    await migratePostgres({ connection: database.migrate })
    expect(await connect(other)).toEqual({ may_make_temporary: false })
    expect(await connect('uec_service')).toEqual({ may_make_temporary: false })
  })
})

describe('openPostgres', () => {
  const database = testDatabase({ migrated: false })

  it('refuses a database without the schema', async () => {
    const opening = openPostgres({ connections: { service: { ...database.service, user: 'uec_admin' } } })
    await expect(opening).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_SCHEMA' })
  })
})
