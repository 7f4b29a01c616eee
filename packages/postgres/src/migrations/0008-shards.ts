/**
 * Version 8: which shard this database is, and whose home. Both tables are empty where there is one database.
 *
 * They are read outside of user sessions: a statement that runs as a user sees its own home and no other.
 */
import type { Migration } from './migration.ts'

const tables = `
-- One row, in a shard: the names of all, and which of them new owners are placed on.
CREATE TABLE uec.placement (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  shard text COLLATE "C" NOT NULL,
  -- The first is the home of what no owner has. It stays the first.
  names text[] COLLATE "C" NOT NULL,
  placed_on text[] COLLATE "C" NOT NULL,
  -- While the names change nobody is placed: two nodes with different names would give one owner two homes.
  is_changing boolean NOT NULL DEFAULT false
);
ALTER TABLE uec.placement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY outside_of_sessions ON uec.placement FOR SELECT TO uec_service, uec_worker
  USING ((SELECT uec.owner()) IS NULL);
CREATE POLICY crossing ON uec.placement TO uec_owner USING (true) WITH CHECK (true);
GRANT SELECT ON uec.placement TO uec_service, uec_worker;

CREATE TABLE uec.owner_homes (
  owner_key text COLLATE "C" PRIMARY KEY,
  -- draining: no new run. moving: nothing at all, until the owner is at home elsewhere or here again.
  state text COLLATE "C" NOT NULL DEFAULT 'here' CHECK (state IN ('here', 'draining', 'moving')),
  destination text COLLATE "C",
  -- When the owner came from another shard.
  moved_at timestamptz
);
CREATE INDEX owner_homes_by_move ON uec.owner_homes (moved_at) WHERE moved_at IS NOT NULL;
ALTER TABLE uec.owner_homes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON uec.owner_homes TO uec_service, uec_worker
  USING (owner_key = (SELECT uec.owner()) OR (SELECT uec.owner()) IS NULL)
  WITH CHECK (owner_key = (SELECT uec.owner()) OR (SELECT uec.owner()) IS NULL);
CREATE POLICY crossing ON uec.owner_homes TO uec_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON uec.owner_homes TO uec_service, uec_worker;
`

// A move of an owner takes the same lock alone: it waits for those that came before, and those that come after see it.
const functions = `
CREATE FUNCTION uec.enter(owner text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  home text;
BEGIN
  PERFORM set_config('uec.owner', owner, true);
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('uec.home ' || owner, 0));
  SELECT h.state INTO home FROM uec.owner_homes AS h WHERE h.owner_key = owner;
  IF home IS NULL OR home = 'moving' THEN
    RAISE EXCEPTION 'This owner is not at home in this shard.' USING ERRCODE = 'UE001';
  END IF;
  PERFORM set_config('uec.home', home, true);
  RETURN owner;
END
$function$;

CREATE FUNCTION uec.place_owner(owner text, known_names text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('uec.placement', 0));
  INSERT INTO uec.owner_homes (owner_key)
    SELECT owner FROM uec.placement AS p WHERE p.placed_on = known_names AND NOT p.is_changing
    ON CONFLICT DO NOTHING;
  RETURN FOUND;
END
$function$;

CREATE FUNCTION uec.refuse_run() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
  RAISE EXCEPTION 'This owner is being moved to another shard.' USING ERRCODE = 'UE002';
END
$function$;
CREATE TRIGGER draining BEFORE INSERT ON uec.runs FOR EACH ROW
  WHEN (pg_catalog.current_setting('uec.home', true) = 'draining') EXECUTE FUNCTION uec.refuse_run();

REVOKE ALL ON FUNCTION uec.enter(text), uec.place_owner(text, text[]), uec.refuse_run() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uec.enter(text), uec.place_owner(text, text[]) TO uec_service, uec_worker;
`

export const shards: Migration = { name: 'shards', sql: tables + functions }
