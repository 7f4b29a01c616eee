/**
 * The tables that hold rows of owners, by what the database says: those of the library and those of an app.
 */
import type pg from 'pg'
import { quoteName } from '../migrations/roles.ts'

/** A column, and its type as SQL writes it. */
export type OwnerColumn = { readonly name: string; readonly type: string }

/** A table with a column `owner_key`. */
export type OwnerTable = {
  /** With its schema, for a person. */
  readonly name: string
  /** With its schema, quoted. */
  readonly sql: string
  readonly columns: readonly OwnerColumn[]
  /** Tables that its rows refer to, itself among them. */
  readonly refersTo: readonly string[]
}

/** All tables with a column `owner_key` that the role may see, but that of the homes themselves. */
export const findOwnerTables = async (client: Pick<pg.Client, 'query'>): Promise<readonly OwnerTable[]> => {
  const { rows } = await client.query<Row>(tablesSql)
  return rows.map(({ schema, table, columns, refers_to: refersTo }) => ({
    name: `${schema}.${table}`,
    sql: `${quoteName(schema)}.${quoteName(table)}`,
    columns,
    refersTo,
  }))
}

/** Tables with a policy of owners whose column has another name: their rows would be left behind. */
export const findOddTables = async (client: Pick<pg.Client, 'query'>): Promise<readonly string[]> => {
  const { rows } = await client.query<{ readonly name: string }>(oddTablesSql)
  return rows.map(({ name }) => name)
}

type Row = {
  readonly schema: string
  readonly table: string
  readonly columns: readonly OwnerColumn[]
  readonly refers_to: readonly string[]
}

// Partitions are read and written through their table. Generated columns come by themselves.
const tablesSql = `
  SELECT n.nspname AS schema, c.relname AS table,
    (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attname)
      FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    coalesce((SELECT pg_catalog.json_agg(DISTINCT pg_catalog.concat(fn.nspname, '.', f.relname))
      FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
      JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
      WHERE k.conrelid = c.oid AND k.contype = 'f'), '[]') AS refers_to
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'
    AND (n.nspname, c.relname) <> ('uec', 'owner_homes')
    AND EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = c.oid AND a.attname = 'owner_key' AND NOT a.attisdropped)
  ORDER BY 1, 2`

const oddTablesSql = `
  SELECT DISTINCT pg_catalog.concat(n.nspname, '.', c.relname) AS name
  FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname <> 'uec' AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) LIKE '%uec.owner()%'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = c.oid AND a.attname = 'owner_key' AND NOT a.attisdropped)
  ORDER BY 1`
