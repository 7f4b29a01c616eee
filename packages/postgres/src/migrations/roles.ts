/**
 * The roles: who owns the schema, who serves users, who does the work.
 */
import { assertFits, text } from '../options/parse-options.ts'

/**
 * Makes the roles where they are missing, and lets the login that runs it act as the owner. Roles belong to the whole
 * server: two databases that are made at once may both try. Roles that another login has made, that login grants.
 */
export const rolesSql = `DO $roles$
DECLARE
  missing text;
BEGIN
  FOREACH missing IN ARRAY ARRAY['uec_owner NOLOGIN', 'uec_service LOGIN', 'uec_worker LOGIN'] LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = pg_catalog.split_part(missing, ' ', 1));
    BEGIN
      EXECUTE 'CREATE ROLE ' || missing;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
  BEGIN
    EXECUTE pg_catalog.format('GRANT uec_owner TO %I', current_user);
  EXCEPTION WHEN insufficient_privilege THEN
    NULL;
  END;
END
$roles$;
`

/**
 * Statements are written for READ COMMITTED, whatever the database has for others. Neither a pooler nor the end of a
 * user session keeps a setting of a connection, so the roles have it. Where the login may not give it, an administrator
 * does.
 */
export const levelsSql = `DO $levels$
BEGIN
  EXECUTE pg_catalog.format('ALTER ROLE uec_service IN DATABASE %1$I SET default_transaction_isolation = %2$L;
    ALTER ROLE uec_worker IN DATABASE %1$I SET default_transaction_isolation = %2$L',
    pg_catalog.current_database(), 'read committed');
EXCEPTION WHEN insufficient_privilege THEN
  NULL;
END
$levels$;
`

/**
 * Makes the schema, and takes temporary tables from everybody: user sessions refuse a login that may make some. Other
 * logins may connect as before. Needs to own the database.
 */
export const schemaSql = (database: string): string => `REVOKE TEMPORARY ON DATABASE ${quoteName(database)} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${quoteName(database)} TO uec_service, uec_worker;
CREATE SCHEMA IF NOT EXISTS uec AUTHORIZATION uec_owner;
GRANT USAGE ON SCHEMA uec TO uec_service, uec_worker;
`

/**
 * SQL that prepares a server on which migratePostgres() may not make roles: for its administrator, once for a
 * database. No superuser is needed, only CREATEROLE and the database. The roles have no password: give `uec_service`
 * and `uec_worker` one (`\password uec_service`), or logins of yours that are members of them.
 *
 * @param database - Its name.
 * @returns Statements. They may run again.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for a name that is none.
 * @example
 * ```ts
 * import { toRolesSql } from '@user-execution-context/postgres'
 *
 * console.log(toRolesSql('production'))
 * ```
 */
export const toRolesSql: (database: string) => string = (database) => {
  assertFits(database, 'database', text())
  return `${rolesSql}
${levelsSql}
${schemaSql(database)}
-- The login that runs the migrations acts as the owner of the schema:
-- GRANT uec_owner TO name_of_that_login;
-- Passwords of the logins, or logins of yours: GRANT uec_service TO name_of_that_login;
-- \\password uec_service
-- \\password uec_worker
`
}

/** A name as SQL writes it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
