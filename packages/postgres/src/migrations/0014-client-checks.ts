/**
 * Version 14: the server ends the statement of a session whose client has gone.
 */
import type { Migration } from './migration.ts'

// A connection that is closed stops no statement: the server would find out when it sends the rows. A pooler closes its
// connection when the client of an open transaction leaves, so this holds behind one, too. A request to cancel would
// not: by the time it is there, the pooler may have given the connection to another user.
export const clientChecks: Migration = {
  name: 'client-checks',
  sql: `
CREATE OR REPLACE FUNCTION uec.begin_session(owner text, session text, tenant text, permissions text, timeout text)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
  ignored text;
BEGIN
  -- Assignments, which cost a part of what PERFORM does.
  ignored := pg_catalog.set_config('uec.owner', owner, true);
  ignored := pg_catalog.set_config('uec.session', session, true);
  ignored := pg_catalog.set_config('uec.tenant', tenant, true);
  ignored := pg_catalog.set_config('uec.permissions', permissions, true);
  ignored := pg_catalog.set_config('statement_timeout', timeout, true);
  ignored := pg_catalog.set_config('idle_in_transaction_session_timeout', timeout, true);
  -- A server on Windows cannot look, and refuses the setting.
  IF pg_catalog.version() OPERATOR(pg_catalog.!~*) 'windows|mingw|msvc|visual c' THEN
    ignored := pg_catalog.set_config('client_connection_check_interval', '1s', true);
  END IF;
  IF pg_catalog.row_security_active('uec.migrations') THEN
    RETURN current_user;
  END IF;
  RETURN NULL;
END
$function$;
`,
}
