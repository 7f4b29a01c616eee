/**
 * The policy that keeps each user's rows to that user.
 */
import { quoteName } from '../migrations/roles.ts'
import { optional, parseOptions, text, type Checks } from '../options/parse-options.ts'

/** A table of an app. */
export type OwnedTable = {
  readonly schema: string
  readonly table: string
  /** The column that holds whose a row is. Default `'owner_key'`. */
  readonly column?: string | undefined
}

/** A table of the names. */
export const tableChecks: Checks<OwnedTable> = { schema: text(), table: text(), column: optional(text()) }

/**
 * SQL that gives a table row-level security: everybody, its owner included, sees and writes the rows of the user of the
 * transaction, and no others. A row that is added without an owner gets that of the transaction.
 *
 * The column must be there: `owner_key text COLLATE "C" NOT NULL`, and it belongs first in every key of the table, so
 * that a key never joins the rows of two users: `PRIMARY KEY (owner_key, id)`, `FOREIGN KEY (owner_key, thread_id)`.
 *
 * @param table - Names, as they are: they are quoted here.
 * @returns Statements, for a migration of yours.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for a name that is none.
 * @example
 * ```ts
 * import { toOwnerPolicy } from '@user-execution-context/postgres'
 *
 * export const migration = `
 *   CREATE TABLE app.notes (
 *     owner_key text COLLATE "C" NOT NULL, note_id uuid NOT NULL, body text NOT NULL, PRIMARY KEY (owner_key,
 *   note_id)); ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
 *   GRANT SELECT, INSERT, UPDATE, DELETE ON app.notes TO uec_service;`
 * ```
 */
export const toOwnerPolicy: (table: OwnedTable) => string = (table) => {
  const { schema, table: name, column = 'owner_key' } = parseOptions(table, tableChecks)
  const relation = `${quoteName(schema)}.${quoteName(name)}`
  const rule = `${quoteName(column)} = uec.owner()`
  return `ALTER TABLE ${relation} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE ${relation} ALTER COLUMN ${quoteName(column)} SET DEFAULT uec.owner();
CREATE POLICY owner_only ON ${relation} USING (${rule}) WITH CHECK (${rule});
`
}
