/**
 * Version 17: the last message of a user session names neither the user nor the session, so that a server which logs
 * statements logs neither.
 */
import type { Migration } from './migration.ts'

export const unnamedSessions: Migration = {
  name: 'unnamed-sessions',
  sql: `
-- Whether the user, the session and the role are still those of its beginning. Otherwise the transaction ends here. The
-- digest is over the id of the session and the owner. The id has one length: what follows it is the owner alone.
CREATE FUNCTION uec.close_session(digest text, role text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
  id text := pg_catalog.current_setting('uec.session', true);
BEGIN
  IF pg_catalog.octet_length(id) OPERATOR(pg_catalog.=) 36
    AND pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
      pg_catalog.concat(id, pg_catalog.current_setting('uec.owner', true)), 'UTF8')), 'hex')
      OPERATOR(pg_catalog.=) digest
    AND current_user::pg_catalog.text OPERATOR(pg_catalog.=) role THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'This transaction is not of the session that it began as.' USING ERRCODE = 'UE003';
END
$function$;

REVOKE ALL ON FUNCTION uec.close_session(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uec.close_session(text, text) TO uec_service, uec_worker;
`,
}
