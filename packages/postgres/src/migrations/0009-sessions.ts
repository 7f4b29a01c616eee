/**
 * Version 9: what a user session says at its beginning, before its COMMIT and behind it. Each is one call, whose plan
 * the connection keeps: as plain SQL it would be read and planned for each session.
 */
import type { Migration } from './migration.ts'

export const sessions: Migration = {
  name: 'sessions',
  sql: `
-- Sets the user of this transaction. Gives the role that acts; nothing where row-level security does not bind it: it
-- is active on a table that has it with FORCE for everybody but a superuser and BYPASSRLS.
CREATE FUNCTION uec.begin_session(owner text, session text, tenant text, permissions text, timeout text) RETURNS text
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
  IF pg_catalog.row_security_active('uec.migrations') THEN
    RETURN current_user;
  END IF;
  RETURN NULL;
END
$function$;

-- Whether the user, the session and the role are still those of its beginning. Otherwise the transaction ends here.
CREATE FUNCTION uec.end_session(owner text, session text, role text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
BEGIN
  IF pg_catalog.current_setting('uec.owner', true) OPERATOR(pg_catalog.=) owner
    AND pg_catalog.current_setting('uec.session', true) OPERATOR(pg_catalog.=) session
    AND current_user::pg_catalog.text OPERATOR(pg_catalog.=) role THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'This transaction is not of the session that it began as.' USING ERRCODE = 'UE003';
END
$function$;

-- Ends what RESET, UNLISTEN, CLOSE and DISCARD do not, and gives whether there was something that no session may leave.
-- What the driver, or a pooler, has prepared by message belongs to the pool.
CREATE FUNCTION uec.leave_session() RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
  prepared text;
  is_left boolean := pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0::pg_catalog.oid;
BEGIN
  PERFORM pg_catalog.pg_advisory_unlock_all();
  FOR prepared IN SELECT p.name FROM pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql LOOP
    EXECUTE pg_catalog.format('DEALLOCATE %I', prepared);
    is_left := true;
  END LOOP;
  RETURN is_left;
END
$function$;

REVOKE ALL ON FUNCTION uec.begin_session(text, text, text, text, text), uec.end_session(text, text, text),
  uec.leave_session() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uec.begin_session(text, text, text, text, text), uec.end_session(text, text, text),
  uec.leave_session() TO uec_service, uec_worker;
`,
}
