// A directory that an older major version has made: refused with what to do, and that done. It needs the programs of
// the older one, so scripts/run-postgres-15.mjs runs it.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { createForUser, toOwnerKey } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { checkPolicies, migratePostgres, openEmbeddedPostgres, openPostgres } from '../../src/index.ts'
import { openWakeChannel, postgresEventLog, toOwnerPolicy, withUserSession } from '../../src/index.ts'
import { account, ending, newDirectory, untilItAnswers } from '../installed-server.ts'

const programs = process.env['TEST_POSTGRES_BIN']!
const older = newDirectory('uec-older-')
const newer = mkdtempSync(join(tmpdir(), 'uec-newer-'))
const dump = join(mkdtempSync(join(tmpdir(), 'uec-dump-')), 'uec.sql')
afterAll(() => {
  for (const directory of [older, newer]) rmSync(directory, { recursive: true, force: true })
})

const context = createForUser(vouchForUser('alice', { reason: 'a test of an upgrade' }))
const loginsOf = (host: string) =>
  Object.fromEntries(
    Object.entries({ service: 'uec_service', worker: 'uec_worker', migrate: 'uec_admin' }).map(([name, user]) => [
      name,
      { host, user, database: 'uec' },
    ]),
  ) as Record<
    'service' | 'worker' | 'migrate',
    { readonly host: string; readonly user: string; readonly database: string }
  >
const run = (program: string, host: string, ...words: readonly string[]): void =>
  void execFileSync(join(programs, program), ['-h', host, '-U', 'uec_admin', '-d', 'uec', ...words], { stdio: 'pipe' })
const ask = async (host: string, database: string, text: string): Promise<void> => {
  const client = new pg.Client(toDriverConfig({ host, user: 'uec_admin', database }) as pg.ClientConfig)
  await client.connect()
  await client.query(text)
  await client.end()
}

/** Starts the older server on the data of a directory of ours, as its version of this package does. */
async function startOlder() {
  const data = join(older, 'data')
  const settings = { ...account, cwd: '/', stdio: 'ignore', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } } as const
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'uec_admin', '-A', 'trust', '-E', 'UTF8'], settings)
  const child = spawn(join(programs, 'postgres'), ['-D', data, '-k', older, '-c', 'listen_addresses='], settings)
  await untilItAnswers(older)
  // Its directory is looked at afterwards.
  return ending(child, join(older, 'none'))
}

it('is refused with what to do, and goes to a new directory by pg_dump and psql', { timeout: 180_000 }, async () => {
  const { runId, threadId, requestId } = context
  const ownerKey = toOwnerKey(context)
  const server = await startOlder()
  await ask(older, 'postgres', 'CREATE DATABASE uec')
  await migratePostgres({ connection: loginsOf(older).migrate })
  await ask(
    older,
    'uec',
    `CREATE SCHEMA app;
      CREATE TABLE app.notes (owner_key text COLLATE "C" NOT NULL, title text, PRIMARY KEY (owner_key, title));
      ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
      GRANT USAGE ON SCHEMA app TO uec_service; GRANT SELECT, INSERT ON app.notes TO uec_service`,
  )
  const before = await openPostgres({ connections: loginsOf(older) })
  await withUserSession(context, before.service, (session) =>
    session.query(`INSERT INTO app.notes (title) VALUES ('kept')`),
  )
  const wakes = openWakeChannel({ pool: before.service, listen: before.listen })
  const log = postgresEventLog({ postgres: before, wakes })
  await log.create({ ownerKey, runId, threadId, requestId, createdAtMs: 1 })
  const writer = await log.openWriter({ ownerKey, runId })
  await writer.append({ epoch: 1, sequence: 1, type: 'agent_completed', text: '{}', bytes: 2 })
  await log.close()
  await wakes.close()
  await before.close()
  run('pg_dump', older, '-f', dump)
  await server.close()

  await expect(openEmbeddedPostgres({ directory: older })).rejects.toMatchObject({
    code: 'ERR_CONTEXT_STORE_UNREADABLE',
    message: expect.stringMatching(/made by PostgreSQL 15.*runs 18.*README/s) as string,
  })

  mkdirSync(newer, { recursive: true })
  const embedded = await openEmbeddedPostgres({ directory: newer })
  await migratePostgres({ connection: embedded.connections.migrate })
  run('psql', embedded.host, '-v', 'ON_ERROR_STOP=1', '-q', '-c', 'DROP SCHEMA uec CASCADE', '-f', dump)
  const migrated = await migratePostgres({ connection: embedded.connections.migrate })
  expect(migrated.to).toBe(migrated.from)
  const after = await openPostgres({ connections: embedded.connections })
  const { rows } = await withUserSession(context, after.service, (session) =>
    session.query('SELECT title FROM app.notes'),
  )
  expect(rows).toEqual([{ title: 'kept' }])
  expect(await checkPolicies(after.service)).toEqual([])
  const wakesAfter = openWakeChannel({ pool: after.service, listen: after.listen })
  const logAfter = postgresEventLog({ postgres: after, wakes: wakesAfter })
  const { events } = await logAfter.read({ ownerKey, runId }, { epoch: 1, sequence: 0 }, 10)
  expect(events).toMatchObject([{ sequence: 1, type: 'agent_completed' }])
  await logAfter.close()
  await wakesAfter.close()
  await after.close()
  await embedded.close()
})
