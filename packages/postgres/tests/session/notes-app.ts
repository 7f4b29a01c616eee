// An app with notes, on a database of a test file's own, and users of it.
import pg from 'pg'
import { createForUser, type UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { afterAll, beforeAll } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { askWhoAnswers, PooledClient } from '../../src/connection/pooled-client.ts'
import { toOwnerPolicy } from '../../src/policies/owner-policy.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { runAsAdmin, testDatabase, type TestDatabase } from '../test-database.ts'

const reason = 'a test of the database'

/** A context of a user, with a right. */
export const contextOf = (userId: string): UserExecutionContext => createForUser(vouchForUser(userId, { reason }))

/** Ids of every sign that the alphabet has and SQL gives a meaning, as long as an id may be. */
export const hostileId = `$1;--%s::text||$$U&(select.pg_sleep)[1]{2}=~!@#^+?,`.padEnd(128, '$')

const schema = `
CREATE SCHEMA app;
CREATE TABLE app.notes (owner_key text COLLATE "C" NOT NULL, title text NOT NULL, PRIMARY KEY (owner_key, title));
${toOwnerPolicy({ schema: 'app', table: 'notes' })}
CREATE TABLE app.labels (
  owner_key text COLLATE "C" NOT NULL, label text NOT NULL, UNIQUE (owner_key, label) DEFERRABLE INITIALLY DEFERRED);
${toOwnerPolicy({ schema: 'app', table: 'labels' })}
CREATE SEQUENCE app.numbers;
GRANT USAGE ON SCHEMA app TO uec_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.notes, app.labels TO uec_service;
GRANT USAGE ON SEQUENCE app.numbers TO uec_service;
CREATE FUNCTION app.run(statement text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE statement; END';
CREATE FUNCTION app.all_titles() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT title FROM app.notes';
CREATE PROCEDURE app.commit() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
CREATE PROCEDURE app.add(title text) LANGUAGE sql AS 'INSERT INTO app.notes (title) VALUES (title)';
`

/** The app. Its pool has one connection, so that every user gets the one of the user before. */
export const notesApp = (): { readonly database: TestDatabase; readonly pool: pg.Pool } => {
  const database = testDatabase()
  let pool: pg.Pool | undefined
  beforeAll(() => runAsAdmin(database.name, schema))
  afterAll(() => pool?.end())
  return {
    database,
    get pool() {
      return (pool ??= newPool(database))
    },
  }
}

/** A pool of one connection. */
export const newPool = (database: TestDatabase, settings: pg.PoolConfig = {}): pg.Pool => {
  const pool = new pg.Pool({ ...toDriverConfig(database.service), max: 1, ...settings })
  pool.on('error', () => {})
  return pool
}

/** The same, as openPostgres() makes it: it knows whether the server itself answers. */
export const newOwnPool = (database: TestDatabase): pg.Pool =>
  newPool(database, {
    Client: PooledClient,
    verify: (client: pg.PoolClient, done: (error?: Error) => void) => askWhoAnswers(client, 10_000, done),
  } as object)

/** Writes a note as a user. */
export const addNote = (context: UserExecutionContext, pool: pg.Pool, title: string): Promise<void> =>
  withUserSession(context, pool, async (session) => {
    await session.query('INSERT INTO app.notes (title) VALUES ($1)', [title])
  })

/** The titles that a user sees. */
export const titlesOf = (context: UserExecutionContext, pool: pg.Pool): Promise<readonly string[]> =>
  withUserSession(context, pool, async (session) => {
    const { rows } = await session.query<{ title: string }>('SELECT title FROM app.notes ORDER BY title')
    return rows.map(({ title }) => title)
  })
