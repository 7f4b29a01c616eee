/**
 * The roles: who owns the schema, who serves users, who does the work.
 */

/** Makes the roles where they are missing. Needs CREATEROLE, once for a server. */
export const rolesSql = `
DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'uec_owner') THEN
    CREATE ROLE uec_owner NOLOGIN NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'uec_service') THEN
    CREATE ROLE uec_service LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'uec_worker') THEN
    CREATE ROLE uec_worker LOGIN;
  END IF;
  IF NOT pg_catalog.pg_has_role(current_user, 'uec_owner', 'MEMBER') THEN
    GRANT uec_owner TO current_user;
  END IF;
END
$roles$;
`

/** Makes the schema, and takes from everybody what only its owner needs. Needs to own the database. */
export const schemaSql = (database: string): string => `
REVOKE ALL ON DATABASE ${quoteName(database)} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${quoteName(database)} TO uec_service, uec_worker;
CREATE SCHEMA IF NOT EXISTS uec AUTHORIZATION uec_owner;
GRANT USAGE ON SCHEMA uec TO uec_service, uec_worker;
`

/** A name as SQL writes it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
