/**
 * Version 20: an owner who is on the way is refused before anything waits. A move waits for the sessions of its owner;
 * whoever came for the same owner meanwhile waited for the move, each with a connection that others were refused for.
 */
import type { Migration } from './migration.ts'

export const refusedBeforeLocks: Migration = {
  name: 'refused-before-locks',
  sql: `
CREATE OR REPLACE FUNCTION uec.enter(owner text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  home text;
BEGIN
  PERFORM set_config('uec.owner', owner, true);
  SELECT h.state INTO home FROM uec.owner_homes AS h WHERE h.owner_key = owner;
  IF home IN ('here', 'draining') THEN
    -- Asked again behind the lock: a move that came between has changed it.
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('uec.home ' || owner, 0));
    SELECT h.state INTO home FROM uec.owner_homes AS h WHERE h.owner_key = owner;
  END IF;
  IF home IS NULL OR home = 'moving' THEN
    RAISE EXCEPTION 'This owner is not at home in this shard.' USING ERRCODE = 'UE001';
  END IF;
  PERFORM set_config('uec.home', home, true);
  RETURN owner;
END
$function$;
`,
}
