/**
 * uec.trim(): forgets what is older than it may be, and what an owner or a run has beyond its size. One of the five
 * functions that cross owners. A reader is told of the gap.
 *
 * One node at a time: the node that trims holds the row of uec.retention, and another one leaves. A call removes about
 * `most` rows, so that no transaction is long, and says whether there is more. Locked rows are left for the next call:
 * it waits for nobody.
 */
export const trimSql = `
CREATE FUNCTION uec.trim(
  oldest interval, runs_per_owner integer, bytes_per_owner bigint, events_per_run integer, most integer
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
  seen timestamptz;
  ended record;
  given record;
  owners text[] := '{}';
  looks integer := 0;
  removed integer := 0;
  keys integer;
BEGIN
  SELECT r.looked_until INTO seen FROM uec.retention AS r FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN false; END IF;
  FOR given IN
    SELECT r.owner_key, r.run_id FROM uec.runs AS r WHERE r.ended_at < now() - oldest ORDER BY r.ended_at LIMIT most
  LOOP
    removed := removed + uec.forget_run(given.owner_key, given.run_id, most - removed);
    IF removed >= most THEN RETURN true; END IF;
  END LOOP;
  -- What a process left behind that was lost: no end, and no job that would bring one.
  FOR given IN
    SELECT r.owner_key, r.run_id FROM uec.runs AS r
    WHERE r.ended_at IS NULL AND r.created_at_ms < (extract(epoch FROM now() - oldest) * 1000)::bigint
      AND NOT EXISTS (SELECT FROM uec.jobs AS j WHERE j.owner_key = r.owner_key AND j.run_id = r.run_id)
    ORDER BY r.created_at_ms LIMIT most
  LOOP
    removed := removed + uec.forget_run(given.owner_key, given.run_id, most - removed);
    IF removed >= most THEN RETURN true; END IF;
  END LOOP;
  FOR given IN
    SELECT r.owner_key, r.run_id, r.last_sequence - events_per_run AS last FROM uec.runs AS r
    WHERE r.ended_at IS NULL AND r.last_sequence - r.first_sequence >= events_per_run LIMIT most
  LOOP
    removed := removed + uec.forget_events(given.owner_key, given.run_id, given.last, most - removed);
    IF removed >= most THEN RETURN true; END IF;
  END LOOP;
  -- Only who ended a run since the last look can have too much. An end may become visible a little late.
  FOR ended IN
    SELECT r.owner_key, r.ended_at FROM uec.runs AS r
    WHERE r.ended_at > seen AND r.ended_at < clock_timestamp() - interval '1 second'
    ORDER BY r.ended_at LIMIT 200
  LOOP
    looks := looks + 1;
    IF ended.owner_key <> ALL (owners) THEN
      FOR given IN
        SELECT o.* FROM (
          SELECT r.run_id, r.first_sequence, r.last_sequence,
            row_number() OVER newest AS place, sum(r.bytes) OVER newest AS bytes
          FROM uec.runs AS r WHERE r.owner_key = ended.owner_key AND r.ended_at IS NOT NULL
          WINDOW newest AS (ORDER BY r.ended_at DESC, r.run_id ROWS UNBOUNDED PRECEDING)
        ) AS o
        WHERE o.place > runs_per_owner OR o.bytes > bytes_per_owner
          OR o.last_sequence - o.first_sequence >= events_per_run
        ORDER BY o.place DESC
      LOOP
        removed := removed + CASE
          WHEN given.place > runs_per_owner OR given.bytes > bytes_per_owner
            THEN uec.forget_run(ended.owner_key, given.run_id, most - removed)
          ELSE uec.forget_events(ended.owner_key, given.run_id, given.last_sequence - events_per_run, most - removed)
        END;
        -- This owner is looked at again: the mark is still before it.
        IF removed >= most THEN RETURN true; END IF;
      END LOOP;
      owners := owners || ended.owner_key;
    END IF;
    UPDATE uec.retention AS r SET looked_until = ended.ended_at;
  END LOOP;
  DELETE FROM uec.start_keys AS s WHERE s.ctid IN (
    SELECT k.ctid FROM uec.start_keys AS k
    WHERE k.claimed_at < now() - greatest(oldest, interval '1 day')
      AND NOT EXISTS (SELECT FROM uec.runs AS r WHERE r.owner_key = k.owner_key AND r.run_id = k.run_id)
    ORDER BY k.claimed_at LIMIT most FOR UPDATE SKIP LOCKED
  );
  GET DIAGNOSTICS keys = ROW_COUNT;
  -- Every proof that they end has ended; a minute for clocks that differ.
  DELETE FROM uec.revocations AS v WHERE v.ctid IN (
    SELECT o.ctid FROM uec.revocations AS o
    WHERE o.until_ms < (extract(epoch FROM now() - interval '1 minute') * 1000)::bigint
    ORDER BY o.until_ms LIMIT most FOR UPDATE SKIP LOCKED
  );
  RETURN looks = 200 OR keys >= most;
END
$function$;

-- Parts of uec.trim(), granted to nobody. They give the number of rows that they removed.
CREATE FUNCTION uec.forget_events(owner text, run text, last bigint, most integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  first bigint;
  removed integer;
  freed bigint;
BEGIN
  SELECT r.first_sequence INTO first FROM uec.runs AS r
    WHERE r.owner_key = owner AND r.run_id = run FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN 0; END IF;
  WITH gone AS (
    DELETE FROM uec.events AS e
    WHERE e.owner_key = owner AND e.run_id = run AND e.sequence <= least(last, first + most - 1)
    RETURNING octet_length(e.text) AS bytes
  )
  SELECT count(*), coalesce(sum(bytes), 0) INTO removed, freed FROM gone;
  UPDATE uec.runs AS r SET first_sequence = least(last, first + most - 1) + 1, bytes = r.bytes - freed
    WHERE r.owner_key = owner AND r.run_id = run;
  RETURN removed;
END
$function$;

CREATE FUNCTION uec.forget_run(owner text, run text, most integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  last bigint;
  removed integer;
BEGIN
  SELECT r.last_sequence INTO last FROM uec.runs AS r
    WHERE r.owner_key = owner AND r.run_id = run FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN 0; END IF;
  removed := uec.forget_events(owner, run, last, most);
  -- The rest goes with the next call.
  IF removed >= most THEN RETURN removed; END IF;
  DELETE FROM uec.runs AS r WHERE r.owner_key = owner AND r.run_id = run;
  RETURN removed + 1;
END
$function$;
`
