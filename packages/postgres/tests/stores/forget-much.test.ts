// A user with so many rows that a statement which removes them takes longer than any other may.
import { randomUUID } from 'node:crypto'
import { liveSessions } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { expect, it } from 'vitest'
import { forgetUser, openPostgres, openWakeChannel, toOwnerPolicy, withUserSession } from '../../src/index.ts'
import { fileRun, newContext, newJob, openNode, toKey } from '../open-ports.ts'
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

it('keeps no worker from its claims, also with a job that was cancelled while it waited', async () => {
  const node = await openNode(database)
  const job = newJob('carol')
  await withUserSession(job.context, node.postgres.service, (session) =>
    session.query('INSERT INTO app.notes DEFAULT VALUES'),
  )
  await fileRun(node.eventLog, job)
  const queue = node.openQueue(parseLimits(), { executes: false })
  await queue.enqueue(job)
  await queue.cancel(toKey(job), 'user')
  let isForgotten = false
  const { postgres, wakes, sessions } = node
  const tables = [{ schema: 'app', table: 'notes' }]
  const forgetting = forgetUser(job.context, { postgres, wakes, sessions, tables }).then(() => (isForgotten = true))
  const removing = `SELECT FROM pg_stat_activity WHERE query LIKE 'DELETE FROM "app"%' AND state = 'active'`
  await expect.poll(async () => (await queryAsAdmin(database.name, removing)).length, { timeout: 20_000 }).toBe(1)
  await postgres.worker.query(`SELECT uec.claim($1, 0, 10, 60000, '{}', '{}')`, [randomUUID()])
  expect(isForgotten).toBe(false)
  await forgetting
  await queue.close()
  await node.close()
})
