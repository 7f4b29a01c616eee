// A server of its own, on which no role of the library is there yet, and whose databases no superuser sets up.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  checkPolicies,
  migratePostgres,
  openEmbeddedPostgres,
  openPostgres,
  postgresUsers,
  toOwnerPolicy,
  toRolesSql,
  withUserSession,
} from '../../src/index.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { knownVersion } from '../../src/migrations/schema-version.ts'
import { startInstalled, type TestServer } from '../installed-server.ts'
import { newContext } from '../open-ports.ts'

let server: TestServer
beforeAll(async () => {
  const programs = process.env['TEST_POSTGRES_BIN']
  server = await (programs ? startInstalled(programs) : startEmbedded())
}, 120_000)
afterAll(() => server.close())

async function startEmbedded(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'uec-pg-'))
  const { host, close } = await openEmbeddedPostgres({ directory })
  return { host, close: () => close().then(() => rmSync(directory, { recursive: true, force: true })) }
}
const loginOf = (user: string, database: string) => ({ host: server.host, user, database })
const run = async (user: string, database: string, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(toDriverConfig(loginOf(user, database)) as pg.ClientConfig)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
/** What an app does with a database: a table of its own, a session, and a store. */
const use = async (database: string, owner: string): Promise<void> => {
  const table = { schema: 'app', table: 'notes' }
  await run(
    owner,
    database,
    `CREATE SCHEMA app; CREATE TABLE app.notes (owner_key text COLLATE "C" PRIMARY KEY); ${toOwnerPolicy(table)}
      GRANT USAGE ON SCHEMA app TO uec_service; GRANT SELECT, INSERT ON app.notes TO uec_service`,
  )
  const login = (user: string) => loginOf(user, database)
  const postgres = await openPostgres({ connections: { service: login('uec_service'), worker: login('uec_worker') } })
  const add = 'INSERT INTO app.notes DEFAULT VALUES RETURNING owner_key'
  const added = await withUserSession(newContext('alice'), postgres.service, (session) => session.query(add))
  expect(added.rowCount).toBe(1)
  expect(await postgresUsers(postgres.service).findById('nobody')).toBeUndefined()
  await postgres.worker.query('SELECT * FROM uec.expire(1)')
  expect(await checkPolicies(postgres.service)).toEqual([])
  await postgres.close()
}

describe('a database whose owner is no superuser', () => {
  it('is migrated by that owner, who may make roles', async () => {
    const owner = 'CREATE ROLE plain_owner LOGIN NOSUPERUSER CREATEROLE'
    await run('uec_admin', 'postgres', owner, 'CREATE DATABASE plain OWNER plain_owner')
    const connection = loginOf('plain_owner', 'plain')
    expect(await migratePostgres({ connection })).toEqual({ from: 0, to: knownVersion })
    expect(await migratePostgres({ connection })).toEqual({ from: knownVersion, to: knownVersion })
    await use('plain', 'plain_owner')
  })

  it('is prepared with the printed SQL, and migrated by a login that owns the schema alone', async () => {
    await run('uec_admin', 'postgres', 'DROP DATABASE IF EXISTS plain WITH (FORCE)')
    await run('uec_admin', 'postgres', 'DROP ROLE IF EXISTS uec_owner, uec_service, uec_worker, plain_owner')
    const roles = ['administrator LOGIN NOSUPERUSER CREATEROLE', 'deployer LOGIN NOSUPERUSER']
    for (const role of roles) await run('uec_admin', 'postgres', `CREATE ROLE ${role}`)
    await run('uec_admin', 'postgres', 'CREATE DATABASE printed OWNER administrator')
    // As it is printed, with the one line that is for the reader to complete. And again.
    const sql = toRolesSql('printed').replace('-- GRANT uec_owner TO name_of_that_login', 'GRANT uec_owner TO deployer')
    expect(sql).toContain('\nGRANT uec_owner TO deployer;')
    for (const _ of [1, 2]) await run('administrator', 'printed', sql)
    const connection = loginOf('deployer', 'printed')
    expect(await migratePostgres({ connection })).toEqual({ from: 0, to: knownVersion })
    await use('printed', 'administrator')
  })
})
