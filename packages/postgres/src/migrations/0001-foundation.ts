/**
 * Version 1: who the user of a transaction is.
 *
 * The settings hold for one transaction (withUserSession() sets them), and are empty or missing outside of one: then
 * every function gives NULL, and a policy that compares with NULL shows no row.
 */
import type { Migration } from './migration.ts'

export const foundation: Migration = {
  name: 'foundation',
  sql: `
CREATE FUNCTION uec.owner() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(pg_catalog.current_setting('uec.owner', true), '');
COMMENT ON FUNCTION uec.owner() IS 'Namespace, tenant and user of this transaction, as toOwnerKey() writes them.';

CREATE FUNCTION uec.tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(pg_catalog.current_setting('uec.tenant', true), '');

CREATE FUNCTION uec.has_permission(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(
    nullif(pg_catalog.current_setting('uec.permissions', true), '')::pg_catalog.jsonb OPERATOR(pg_catalog.?) permission,
    false);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA uec FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA uec TO uec_service, uec_worker;
`,
}
