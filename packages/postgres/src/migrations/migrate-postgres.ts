/**
 * Brings the schema of a database up to date.
 */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { ContextError } from 'user-execution-context'
import { assertWrites } from '../connection/assert-writes.ts'
import { keepAlive, toDriverConfig, type ConnectionTarget } from '../connection/connection-target.ts'
import { begin } from '../connection/in-transaction.ts'
import { isContested } from '../connection/transient.ts'
import { toRefusal, toUnavailable } from '../connection/unreachable.ts'
import { parseOptions } from '../options/parse-options.ts'
import { connection as connectionCheck } from '../options/port-checks.ts'
import { migrations } from './migrations.ts'
import { levelsSql, rolesSql, schemaSql } from './roles.ts'
import { readVersion, knownVersion, newerSchema } from './schema-version.ts'

/** Options of {@link migratePostgres}. */
export type MigrateOptions = {
  /** Logs in as the owner of the database who may make roles, or as a member of `uec_owner` where they are made. */
  readonly connection: ConnectionTarget
}

/** What {@link migratePostgres} did. */
export type Migrated = {
  /** The version before: 0 where there was no schema. */
  readonly from: number
  /** The version now. */
  readonly to: number
}

/**
 * Brings the schema up to date: roles where they are missing, then every version that the database does not have, in
 * one transaction. Safe with several at once: they wait for each other. Under nodes that run it holds no table that
 * somebody else has locked for long: it tries again, for up to ten minutes. It only goes forward.
 *
 * @param options - Where the database is.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`; `ERR_CONTEXT_DATABASE_SCHEMA` where a newer version of this
 *   package made the schema; `ERR_CONTEXT_DATABASE_UNAVAILABLE` where the server lets the login in not at all, or not
 *   do this.
 * @example
 * ```ts
 * import { migratePostgres, type Migrated } from '@user-execution-context/postgres'
 *
 * export const migrate = (url: string): Promise<Migrated> => migratePostgres({ connection: url })
 * ```
 */
export const migratePostgres: (options: MigrateOptions) => Promise<Migrated> = async (options) => {
  const { connection } = parseOptions(options, { connection: connectionCheck })
  for (const endsAtMs = performance.now() + retriedMs; ;) {
    try {
      return await migrateOnce(connection)
    } catch (error) {
      if (!isContested(error) || performance.now() > endsAtMs)
        throw isForbidden(error) ? forbidden(error) : toUnavailable(error)
      await pause(pauseMs)
    }
  }
}

async function migrateOnce(connection: ConnectionTarget): Promise<Migrated> {
  const client = new pg.Client({
    ...{ connectionTimeoutMillis: 10_000, ...keepAlive, ...toDriverConfig(connection) },
  } as pg.ClientConfig)
  // A server that goes away would end this process. The statement that waits is told of it, too.
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => {
    throw toRefusal(error)
  })
  try {
    await client.query(begin)
    await assertWrites(client as unknown as pg.PoolClient)
    // One lock for all databases of a server: roles are shared among them.
    await client.query('SELECT pg_catalog.pg_advisory_xact_lock($1)', [migrationLock])
    await client.query(`SET LOCAL lock_timeout = ${lockMs}`)
    const from = await readVersion(client as unknown as pg.PoolClient)
    if (from > knownVersion) throw newerSchema()
    if (from === 0) {
      const { rows } = await client.query<{ readonly name: string; readonly is_prepared: boolean }>(
        "SELECT pg_catalog.current_database() AS name, pg_catalog.to_regnamespace('uec') IS NOT NULL AS is_prepared",
      )
      const [{ name, is_prepared: isPrepared }] = rows as [(typeof rows)[0]]
      // An administrator who ran the SQL of toRolesSql() has made it: a member of uec_owner need not own the database.
      await client.query(isPrepared ? rolesSql : rolesSql + schemaSql(name))
    }
    await client.query(levelsSql)
    await client.query('SET LOCAL ROLE uec_owner; SET LOCAL search_path = pg_catalog, pg_temp')
    if (from === 0) await client.query(versionsSql)
    for (const [index, { name, sql }] of migrations.entries()) {
      if (index < from) continue
      await client.query(sql)
      await client.query('INSERT INTO uec.migrations (version, name) VALUES ($1, $2)', [index + 1, name])
    }
    await client.query('COMMIT')
    return { from, to: knownVersion }
  } finally {
    await client.end()
  }
}

function isForbidden(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === '42501'
}

function forbidden(cause: unknown): ContextError {
  return new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
    cause,
    fix:
      'The login may not make the schema: it has to own the database and may make roles, or it is a member of ' +
      'uec_owner where npx user-execution-context-postgres roles has printed the SQL and an administrator ran it.',
  })
}

/**
 * How long it waits for a table that somebody reads, such as pg_dump, milliseconds: whatever runs waits behind it, and
 * a node that hears of no sign-outs for some seconds lets nothing new begin. Then it lets go of all, and tries again.
 */
const lockMs = 2_000
const pauseMs = 1_000
const retriedMs = 600_000

/** Any number that nothing else of this server locks by. */
const migrationLock = '8390457103662054913'

/** Makes the list of the versions that a database has. */
export const versionsSql = `
CREATE TABLE uec.migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE uec.migrations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON uec.migrations FOR SELECT USING (true);
CREATE POLICY owner_adds ON uec.migrations FOR INSERT TO uec_owner WITH CHECK (true);
GRANT SELECT ON uec.migrations TO uec_service, uec_worker;
`
