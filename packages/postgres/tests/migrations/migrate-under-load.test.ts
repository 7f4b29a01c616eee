// A migration while others use the tables: it holds up nobody for long, and ends when they have.
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { migratePostgres } from '../../src/migrations/migrate-postgres.ts'
import { knownVersion } from '../../src/migrations/schema-version.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'
import { migrateTo } from './old-database.ts'

const database = testDatabase({ migrated: false })
const clients: pg.Client[] = []
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client(toDriverConfig(database.migrate) as pg.ClientConfig)
  clients.push(client)
  await client.connect()
  return client
}
beforeAll(() => migrateTo(14, database))
afterAll(() => Promise.all(clients.map((client) => client.end())))

it(
  'lets go of what it has locked while a table that it needs is in use, and tries again',
  { timeout: 60_000 },
  async () => {
    const [dump, node] = [await connect(), await connect()]
    // As pg_dump does for as long as it runs.
    await dump.query('BEGIN; LOCK TABLE uec.revocations IN ACCESS SHARE MODE')
    const migrating = migratePostgres({ connection: database.migrate })
    const waits = `SELECT FROM pg_locks WHERE NOT granted AND relation = 'uec.revocations'::regclass`
    const isWaiting = async () => (await dump.query(waits)).rowCount === 1
    await expect.poll(isWaiting, { timeout: 20_000 }).toBe(true)
    // What a claim and a look for sign-outs do.
    await node.query("SET statement_timeout = '15s'")
    await node.query('UPDATE uec.queue_owners SET turn = turn')
    await node.query('SELECT FROM uec.revocations')
    await expect.poll(isWaiting, { timeout: 20_000 }).toBe(true)
    await dump.query('COMMIT')
    expect(await migrating).toEqual({ from: 14, to: knownVersion })
  },
)

it('rejects at once with what is not for want of a lock', async () => {
  await runAsAdmin(database.name, `INSERT INTO uec.migrations VALUES (${knownVersion + 1}, 'of tomorrow')`)
  await expect(migratePostgres({ connection: database.migrate })).rejects.toMatchObject({
    code: 'ERR_CONTEXT_DATABASE_SCHEMA',
  })
})
