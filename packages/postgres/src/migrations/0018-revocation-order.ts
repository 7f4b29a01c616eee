/**
 * Version 18: what a node has not heard yet of revocations is asked for by the transactions that wrote them, and not by
 * a clock. A clock is set back: what was written then seemed to have been heard.
 */
import type { Migration } from './migration.ts'

export const revocationOrder: Migration = {
  name: 'revocation-order',
  sql: `
ALTER TABLE uec.revocations ADD COLUMN written_by xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id();
CREATE INDEX revocations_by_writer ON uec.revocations (written_by);

-- Whatever writes a row: a node of an older version, which does not know of the column, updates rows too.
CREATE FUNCTION uec.note_writer() RETURNS trigger
LANGUAGE plpgsql AS $function$
BEGIN
  NEW.written_by := pg_catalog.pg_current_xact_id();
  RETURN NEW;
END
$function$;
REVOKE ALL ON FUNCTION uec.note_writer() FROM PUBLIC;
CREATE TRIGGER noting_the_writer BEFORE INSERT OR UPDATE ON uec.revocations
  FOR EACH ROW EXECUTE FUNCTION uec.note_writer();
`,
}
