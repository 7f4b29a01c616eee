/**
 * uec.trim(): forgets runs that ended long ago, those of an owner beyond so many, and the oldest events of a run that
 * has more than it may. One of the five functions that cross owners. A reader is told of the gap.
 */
export const trimSql = `
CREATE FUNCTION uec.trim(oldest interval, runs_per_owner integer, events_per_run integer, most integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
  gone record;
  trimmed integer := 0;
BEGIN
  FOR gone IN
    SELECT r.owner_key, r.run_id FROM uec.runs AS r
    WHERE r.ended_at IS NOT NULL AND (
      r.ended_at < now() - oldest
      OR (
        SELECT count(*) FROM (
          SELECT FROM uec.runs AS o
          WHERE o.owner_key = r.owner_key AND o.ended_at > r.ended_at LIMIT runs_per_owner
        ) AS newer
      ) >= runs_per_owner
    )
    ORDER BY r.ended_at LIMIT most FOR UPDATE SKIP LOCKED
  LOOP
    DELETE FROM uec.events AS e WHERE e.owner_key = gone.owner_key AND e.run_id = gone.run_id;
    DELETE FROM uec.runs AS r WHERE r.owner_key = gone.owner_key AND r.run_id = gone.run_id;
    trimmed := trimmed + 1;
  END LOOP;
  FOR gone IN
    SELECT r.owner_key, r.run_id, r.last_sequence - events_per_run AS until FROM uec.runs AS r
    WHERE r.last_sequence - r.first_sequence + 1 > events_per_run
    ORDER BY r.owner_key, r.run_id LIMIT most FOR UPDATE SKIP LOCKED
  LOOP
    DELETE FROM uec.events AS e
      WHERE e.owner_key = gone.owner_key AND e.run_id = gone.run_id AND e.sequence <= gone.until;
    UPDATE uec.runs AS r SET first_sequence = gone.until + 1
      WHERE r.owner_key = gone.owner_key AND r.run_id = gone.run_id;
    trimmed := trimmed + 1;
  END LOOP;
  RETURN trimmed;
END
$function$;
`
