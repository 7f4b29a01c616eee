/**
 * Whether a login is held by row-level security at all. Asked once for a pool, and again after some minutes.
 */
import type pg from 'pg'
import { queryDatabase } from '../connection/unreachable.ts'
import { unsafeRole } from './session-messages.ts'
import type { SessionPool } from './session-options.ts'

/** How long an answer is believed, milliseconds: roles and tables change while a process runs. */
const believedMs = 300_000
const believedUntilMs = new WeakMap<object, number>()

/**
 * Refuses a login that is, or may become, a role which sees every row; the owner of a table whose policies do not bind
 * its owner; and a role that may leave tables behind.
 *
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_ROLE`; `ERR_CONTEXT_DATABASE_UNAVAILABLE`.
 */
export const assertSafeRole = async (pool: SessionPool, client: pg.PoolClient): Promise<void> => {
  const untilMs = believedUntilMs.get(pool)
  if (untilMs !== undefined && performance.now() < untilMs) return
  const { rows } = await queryDatabase<{ readonly fault: string }>(client, { text: faults })
  if (rows[0] !== undefined) throw unsafeRole(rows[0].fault)
  believedUntilMs.set(pool, performance.now() + believedMs)
}

const faults = `
SELECT 'It is, or is a member of, a superuser or a role with BYPASSRLS.' AS fault FROM pg_catalog.pg_roles
  WHERE (rolsuper OR rolbypassrls) AND pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
UNION ALL
SELECT 'It owns the database, or is a member of the role that does: log in as uec_service or a member of that.'
  FROM pg_catalog.pg_database
  WHERE datname = pg_catalog.current_database() AND pg_catalog.pg_has_role(session_user, datdba, 'MEMBER')
UNION ALL
SELECT 'It owns a table whose row-level security does not bind the owner: ALTER TABLE … FORCE ROW LEVEL SECURITY.'
  FROM pg_catalog.pg_class
  WHERE relrowsecurity AND NOT relforcerowsecurity AND pg_catalog.pg_has_role(session_user, relowner, 'MEMBER')
UNION ALL
SELECT 'It may make temporary tables, which stay on a connection: REVOKE TEMPORARY ON DATABASE … FROM PUBLIC.'
  WHERE pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')
UNION ALL
SELECT 'It may make objects in a schema: REVOKE CREATE ON SCHEMA … FROM PUBLIC, and from the role.'
  FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_' AND pg_catalog.has_schema_privilege(oid, 'CREATE')
LIMIT 1`
