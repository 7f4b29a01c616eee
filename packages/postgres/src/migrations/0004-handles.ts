/**
 * Version 4: handles, which a user gets for something that their next request goes on with.
 *
 * Two functions more cross owners, because the port does: all handles are counted, and those that have ended are given
 * to whoever clears up. The role that serves users may call neither: SQL of an app runs as it.
 */
import type { Migration } from './migration.ts'

export const handles: Migration = {
  name: 'handles',
  sql: `
CREATE TABLE uec.handles (
  owner_key text COLLATE "C" NOT NULL,
  handle_digest text COLLATE "C" NOT NULL,
  ends_at_ms bigint NOT NULL,
  -- JSON. Not jsonb, which refuses texts that JSON allows.
  tie text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (owner_key, handle_digest)
);
CREATE INDEX handles_by_end ON uec.handles (ends_at_ms);
ALTER TABLE uec.handles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON uec.handles TO uec_service, uec_worker
  USING (owner_key = (SELECT uec.owner())) WITH CHECK (owner_key = (SELECT uec.owner()));
CREATE POLICY crossing ON uec.handles TO uec_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON uec.handles TO uec_worker;
GRANT SELECT, DELETE ON uec.handles TO uec_service;

CREATE FUNCTION uec.now_ms() RETURNS bigint LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
  RETURN (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::pg_catalog.int8;

CREATE FUNCTION uec.count_handles() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
  SELECT count(*) FROM uec.handles WHERE ends_at_ms > uec.now_ms()
$function$;

CREATE FUNCTION uec.take_ended_handles(most integer) RETURNS SETOF uec.handles
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
  DELETE FROM uec.handles AS h WHERE h.ctid IN (
    SELECT e.ctid FROM uec.handles AS e WHERE e.ends_at_ms <= uec.now_ms()
    ORDER BY e.ends_at_ms LIMIT most FOR UPDATE SKIP LOCKED
  ) RETURNING h.*
$function$;

REVOKE ALL ON FUNCTION uec.now_ms(), uec.count_handles(), uec.take_ended_handles(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uec.now_ms(), uec.count_handles(), uec.take_ended_handles(integer) TO uec_worker;
`,
}
