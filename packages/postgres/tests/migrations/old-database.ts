// A database as an older version of the schema has it, with rows that were taken from another one.
import pg from 'pg'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { versionsSql } from '../../src/migrations/migrate-postgres.ts'
import { migrations } from '../../src/migrations/migrations.ts'
import { levelsSql, rolesSql, schemaSql } from '../../src/migrations/roles.ts'
import { queryAsAdmin, type TestDatabase } from '../test-database.ts'

/** The rows of each table, as JSON. */
export type Rows = ReadonlyMap<string, string>

/** What every database has of its own. */
const own = ['migrations', 'retention']

const tablesOf = async (database: string): Promise<readonly string[]> =>
  (
    await queryAsAdmin(
      database,
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'uec'::regnamespace
        AND relname <> ALL ('{${own.join(',')}}') ORDER BY relname`,
    )
  ).map(({ name }) => String(name))

/** All rows, in one order. */
export const takeRows = async ({ name }: Pick<TestDatabase, 'name'>): Promise<Rows> => {
  const rows = new Map<string, string>()
  for (const table of await tablesOf(name)) {
    const text = `SELECT coalesce(json_agg(t ORDER BY t::text), '[]')::text AS rows FROM uec.${table} AS t`
    rows.set(table, String((await queryAsAdmin(name, text))[0]!['rows']))
  }
  return rows
}

/** Makes the schema as the version had it, in an empty database. */
export const migrateTo = async (version: number, { name, migrate }: TestDatabase): Promise<void> => {
  const client = new pg.Client(toDriverConfig(migrate) as pg.ClientConfig)
  await client.connect()
  try {
    await client.query(rolesSql + schemaSql(name) + levelsSql)
    await client.query('BEGIN; SET LOCAL ROLE uec_owner; SET LOCAL search_path = pg_catalog, pg_temp')
    await client.query(versionsSql)
    for (const [index, migration] of migrations.slice(0, version).entries()) {
      await client.query(migration.sql)
      await client.query('INSERT INTO uec.migrations (version, name) VALUES ($1, $2)', [index + 1, migration.name])
    }
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
}

/** Puts rows into the tables that the database has, and of them the columns that it has. */
export const putRows = async ({ name, migrate }: TestDatabase, rows: Rows): Promise<void> => {
  const client = new pg.Client(toDriverConfig(migrate) as pg.ClientConfig)
  await client.connect()
  try {
    for (const table of await tablesOf(name))
      await client.query(
        `INSERT INTO uec.${table} OVERRIDING SYSTEM VALUE
          SELECT * FROM json_populate_recordset(NULL::uec.${table}, $1)`,
        [rows.get(table)],
      )
    await client.query("SELECT setval('uec.turns', 1000)")
  } finally {
    await client.end()
  }
}
