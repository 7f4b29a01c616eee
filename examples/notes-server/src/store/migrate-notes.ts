/**
 * Makes the tables of this example, beside those of the library.
 */
import pg from 'pg'
import type { ConnectionTarget } from '@user-execution-context/postgres'
import { notesRights, notesSchema } from '../notes-agent/postgres-notes.ts'

// Which directories were imported, by numbers that are no user's: a start that is ended in between must not add their
// notes twice.
const importsSchema = `
CREATE TABLE notes.imports (import_id uuid PRIMARY KEY);
ALTER TABLE notes.imports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY before_users ON notes.imports USING (uec.owner() IS NULL) WITH CHECK (uec.owner() IS NULL);
GRANT SELECT, INSERT ON notes.imports TO uec_service;
`

/** Any number that nothing else of this server locks by. */
const lock = '7151683420986201344'

/**
 * Makes the tables where they are missing. Safe with several processes at once: they wait for each other. The roles of
 * the library are there. Rejects with the errors of the driver.
 */
export const migrateNotes = async (connection: ConnectionTarget): Promise<void> => {
  const client = new pg.Client(connection)
  // A server that goes away would end this process. The statement that waits is told of it, too.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_catalog.pg_advisory_xact_lock($1)', [lock])
    const { rows } = await client.query("SELECT pg_catalog.to_regclass('notes.notes') IS NULL AS missing")
    if (rows[0].missing) await client.query(notesSchema + importsSchema)
    await client.query(notesRights)
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
}
