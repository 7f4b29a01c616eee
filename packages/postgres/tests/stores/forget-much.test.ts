// A user with so many rows that a statement which removes them takes longer than any other may.
import { liveSessions } from 'user-execution-context'
import { expect, it } from 'vitest'
import { forgetUser, openPostgres, openWakeChannel, toOwnerPolicy, withUserSession } from '../../src/index.ts'
import { newContext } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()

it('is forgotten all the same', async () => {
  await runAsAdmin(
    database.name,
    `CREATE SCHEMA app; CREATE TABLE app.notes (owner_key text COLLATE "C" PRIMARY KEY);
      ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
      GRANT USAGE ON SCHEMA app TO uec_service; GRANT SELECT, INSERT, DELETE ON app.notes TO uec_service;
      CREATE FUNCTION app.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3); RETURN OLD; END';
      CREATE TRIGGER wait BEFORE DELETE ON app.notes FOR EACH ROW EXECUTE FUNCTION app.wait()`,
  )
  const connections = { service: database.service, worker: database.worker }
  const postgres = await openPostgres({ connections, answerTimeoutMs: 2_000 })
  const wakes = openWakeChannel({ pool: postgres.service, listen: database.listen })
  const context = newContext('alice')
  await withUserSession(context, postgres.service, (session) => session.query('INSERT INTO app.notes DEFAULT VALUES'))
  const sessions = liveSessions({ maxProofMs: 60_000 })
  const tables = [{ schema: 'app', table: 'notes' }]
  expect(await forgetUser(context, { postgres, wakes, sessions, tables })).toEqual({ rows: 1 })
  expect(await queryAsAdmin(database.name, 'SELECT FROM app.notes')).toEqual([])
  sessions.close()
  await wakes.close()
  await postgres.close()
})
