/**
 * Version 19: a user session leaves no seed of random numbers to the next user of its connection. RESET ALL does not
 * touch it, so the next user drew the numbers that this one had chosen.
 */
import type { Migration } from './migration.ts'

export const leftSeeds: Migration = {
  name: 'left-seeds',
  sql: `
CREATE OR REPLACE FUNCTION uec.leave_session() RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
  prepared text;
  is_left boolean := pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid;
BEGIN
  -- The new seed comes from the random numbers of the system: those of SQL may be the user's. One call, which costs
  -- less than two.
  PERFORM pg_catalog.pg_advisory_unlock_all(), pg_catalog.setseed(
    pg_catalog.uuid_hash_extended(pg_catalog.gen_random_uuid(), 0)::pg_catalog.float8
      OPERATOR(pg_catalog./) 9223372036854775808);
  FOR prepared IN SELECT p.name FROM pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql LOOP
    EXECUTE pg_catalog.format('DEALLOCATE %I', prepared);
    is_left := true;
  END LOOP;
  RETURN is_left;
END
$function$;
`,
}
