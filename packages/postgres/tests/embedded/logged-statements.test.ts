// The log of a server that logs every statement, and those that fail: who the users are does not stand in it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { toOwnerKey, type ThreadId } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDriverConfig, type ConnectionTarget } from '../../src/connection/connection-target.ts'
import {
  forgetUser,
  migratePostgres,
  moveOwner,
  openEmbeddedPostgres,
  openPostgres,
  recordShards,
  shardedEventLog,
  toOwnerPolicy,
  withUserSession,
  type EmbeddedPostgres,
} from '../../src/index.ts'
import { fillUsers, newJobOf, toLoss, type Node } from '../migrations/filled-rows.ts'
import { newContext, openNode } from '../open-ports.ts'
import type { TestDatabase } from '../test-database.ts'

const canary = `canary${'7'.repeat(32)}`
const directory = mkdtempSync(join(tmpdir(), 'uec-logged-'))
let server: EmbeddedPostgres
const run = async (database: string, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(toDriverConfig(loginOf('uec_admin', database)) as pg.ClientConfig)
  await client.connect()
  // What the test itself does is not what is looked at.
  await client.query("SET log_statement = 'none'; SET log_min_error_statement = 'panic'")
  for (const statement of statements) await client.query(statement)
  await client.end()
}
const loginOf = (user: string, database: string) => ({ host: server.host, user, database })
const connectionsOf = (database: string) => ({
  service: loginOf('uec_service', database),
  worker: loginOf('uec_worker', database),
  migrate: loginOf('uec_admin', database),
})
const prepare = async (database: string): Promise<void> => {
  await migratePostgres({ connection: loginOf('uec_admin', database) })
  // As a server of somebody else's has it, but for the values beside a statement.
  for (const setting of [
    "log_statement = 'all'",
    "log_min_messages = 'warning'",
    "log_min_error_statement = 'error'",
    'log_min_duration_statement = 0',
  ])
    await run('postgres', `ALTER DATABASE ${database} SET ${setting}`)
}
beforeAll(async () => {
  server = await openEmbeddedPostgres({ directory })
  await prepare('uec')
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})
const log = (): string => readFileSync(join(directory, 'server.log'), 'utf8')
const linesOf = (text: string): readonly string[] =>
  log()
    .split('\n')
    .filter((line) => line.includes(text))

describe('the server in a directory', () => {
  it('logs no value that a statement fails at, or a function warns of', async () => {
    const client = new pg.Client(toDriverConfig(loginOf('uec_admin', 'postgres')) as pg.ClientConfig)
    await client.connect()
    await expect(client.query('SELECT $1::uuid', ['a value of a user'])).rejects.toMatchObject({ code: '22P02' })
    await client.query(`DO $$ BEGIN RAISE WARNING 'a value of a user'; END $$`)
    await client.end()
    expect(linesOf('a value of a user')).toEqual([])
    // What the server itself does still stands there.
    expect(linesOf('database system is ready')).not.toEqual([])
  })
})

describe('a server that logs every statement', { timeout: 120_000 }, () => {
  it('logs a value that stands in one', async () => {
    const client = new pg.Client(toDriverConfig(loginOf('uec_service', 'uec')) as pg.ClientConfig)
    await client.connect()
    await client.query(`SELECT 'a value of the control'`)
    await client.query(`SELECT 'a failure of the control' / 0`).catch(() => undefined)
    await client.end()
    expect(linesOf('a value of the control')).not.toEqual([])
    expect(linesOf('a failure of the control').some((line) => line.includes('STATEMENT'))).toBe(true)
  })

  it('logs no user of a run, a session or a store, nor of one who is forgotten', async () => {
    const database = { name: 'uec', ...connectionsOf('uec'), listen: loginOf('uec_service', 'uec') } as TestDatabase
    await run(
      'uec',
      `CREATE SCHEMA app; CREATE TABLE app.notes (owner_key text COLLATE "C" NOT NULL, title text);
        ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
        GRANT USAGE ON SCHEMA app TO uec_service; GRANT SELECT, INSERT, DELETE ON app.notes TO uec_service`,
    )
    const node: Node = await openNode(database)
    const context = newContext(canary)
    await fillUsers(node, [canary], (key) => run('uec', toLoss(key)))
    await node.openQueue(parseLimits(), { executes: false }).fileAndEnqueue!(newJobOf(canary))
    await withUserSession(context, node.postgres.service, (session) =>
      session.query('INSERT INTO app.notes (title) VALUES ($1)', ['a title']),
    )
    const failing = withUserSession(context, node.postgres.service, (session) => session.query('SELECT 1 / 0'))
    await expect(failing).rejects.toMatchObject({ code: '22012' })
    await forgetUser(context, { ...node.ports, sessions: node.sessions, tables: [{ schema: 'app', table: 'notes' }] })
    await node.close()
    expect(linesOf(`set_config('uec.session'`)).not.toEqual([])
    expect(linesOf(canary)).toEqual([])
  })

  it('logs no user of a shard, at home there or not, nor of one who is moved', async () => {
    await run('postgres', 'CREATE DATABASE uec_a', 'CREATE DATABASE uec_b')
    const names = ['uec_a', 'uec_b']
    for (const name of names) await prepare(name)
    const logins = Object.fromEntries(names.map((name) => [name, connectionsOf(name).migrate as ConnectionTarget]))
    await recordShards({ shards: logins })
    const shards = await openPostgres({ shards: Object.fromEntries(names.map((name) => [name, connectionsOf(name)])) })
    const eventLog = shardedEventLog({ shards })
    const context = newContext(canary)
    const { runId, threadId, requestId } = context
    const ownerKey = toOwnerKey(context)
    await eventLog.create({ ownerKey, runId, threadId: threadId as ThreadId, requestId, createdAtMs: 1 })
    for (const to of names) await moveOwner({ shards: logins, ownerKey, to, waitMs: 0, endMs: 0, settleMs: 0 })
    // A node that does not know of the move yet asks where the owner was, and the server refuses it.
    await withUserSession(context, shards.poolOf(ownerKey), (session) => session.query('SELECT 1'))
    expect(await eventLog.list(ownerKey)).toHaveLength(1)
    await eventLog.close()
    await shards.close()
    expect(linesOf('uec.enter')).not.toEqual([])
    expect(linesOf(canary)).toEqual([])
  })
})
