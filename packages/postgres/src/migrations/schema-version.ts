/**
 * Which version a database has, and whether this program knows it.
 */
import { ContextError } from 'user-execution-context'
import type { Pool, PoolClient } from 'pg'
import { migrations } from './migrations.ts'

/** The version that this program brings. */
export const knownVersion = migrations.length

/** The version of a database: 0 where there is no schema. */
export const readVersion = async (client: Pool | PoolClient): Promise<number> => {
  const { rows } = await client.query<{ readonly found: boolean }>(
    `SELECT pg_catalog.to_regclass('uec.migrations') IS NOT NULL AS found`,
  )
  if (!rows[0]!.found) return 0
  const versions = await client.query<{ readonly version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM uec.migrations',
  )
  return versions.rows[0]!.version
}

/** Refuses a database whose schema is not the one that this program was written for. */
export const assertKnownSchema = async (client: Pool | PoolClient): Promise<void> => {
  const version = await readVersion(client)
  if (version < knownVersion) throw new ContextError('ERR_CONTEXT_DATABASE_SCHEMA')
  if (version > knownVersion) throw newerSchema()
}

/** The error for a schema that a newer program made. */
export const newerSchema = (): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_SCHEMA', {
    fix: 'A newer version of this package made the schema. Run that version here too: a schema never goes back.',
  })
