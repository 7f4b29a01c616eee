/**
 * Notes in PostgreSQL: rows of their user, which row-level security keeps from everybody else.
 */
import { requireContext, type UserExecutionContext } from 'user-execution-context'
import { toOwnerPolicy, withUserSession, type SessionPool, type UserSession } from '@user-execution-context/postgres'
import { findNotes, type Note, type Notes, type NotesBounds } from './notes.ts'

/** For forgetUser(), too: what is removed with a user. */
export const notesTable = { schema: 'notes', table: 'notes' } as const

/**
 * The table, for the migration of this example. A text is kept as JSON: PostgreSQL refuses the character 0, which a
 * user may send, and changes halves of surrogate pairs.
 */
export const notesSchema = `
CREATE SCHEMA notes;
CREATE TABLE notes.notes (
  owner_key text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  text_json text NOT NULL,
  created_at text NOT NULL,
  PRIMARY KEY (owner_key, number)
);
${toOwnerPolicy(notesTable)}
GRANT USAGE ON SCHEMA notes TO uec_service;
GRANT SELECT, INSERT ON notes.notes TO uec_service;
`

/** Notes go with their user. Given at each start: tables that are there may be without it. */
export const notesRights = 'GRANT DELETE ON notes.notes TO uec_service'

/** Adds notes to those of the transaction's user, after the last one: `$1` texts as JSON, `$2` times, `$3` the most. */
export const addNotesSql = `
  WITH held AS (SELECT coalesce(max(number), 0) AS last FROM notes.notes)
  INSERT INTO notes.notes (number, text_json, created_at)
  SELECT held.last + added.place, added.text_json, added.created_at
  FROM held, unnest($1::text[], $2::text[]) WITH ORDINALITY AS added (text_json, created_at, place)
  WHERE held.last + added.place <= $3
  RETURNING number`

/** Until the transaction ends: of two that add for one user, the second numbers after the first. */
export const lockNotesSql =
  "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('notes.notes ' || uec.owner(), 0))"

type Row = { readonly number: number; readonly text_json: string; readonly created_at: string }

/** The notes of a database that has the table. Rejects with what withUserSession() throws. */
export const postgresNotes = (pool: SessionPool, { maxNotes = 10_000 }: NotesBounds = {}): Notes => {
  const list = (context: UserExecutionContext, signal?: AbortSignal): Promise<readonly Note[]> =>
    withUserSession(
      context,
      pool,
      async (session: UserSession) => {
        const { rows } = await session.query<Row>(
          'SELECT number, text_json, created_at FROM notes.notes ORDER BY number',
        )
        return rows.map(toNote)
      },
      { readOnly: true, signal },
    )
  return Object.freeze({
    list,
    search: async (context: UserExecutionContext, words: readonly string[], signal?: AbortSignal) =>
      findNotes(await list(context, signal), words),
    add: async (context: UserExecutionContext, text: string, signal?: AbortSignal) => {
      requireContext(context)
      const createdAt = new Date().toISOString()
      const addNote = async (session: UserSession): Promise<Note | undefined> => {
        await session.query(lockNotesSql)
        const values = [[JSON.stringify(text)], [createdAt], maxNotes]
        const { rows } = await session.query<Pick<Row, 'number'>>(addNotesSql, values)
        return rows[0] && { number: rows[0].number, text, createdAt }
      }
      return withUserSession(context, pool, addNote, { signal })
    },
  })
}

function toNote({ number, text_json: json, created_at: createdAt }: Row): Note {
  return { number, text: JSON.parse(json) as string, createdAt }
}
