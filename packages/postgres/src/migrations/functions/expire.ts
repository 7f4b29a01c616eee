/**
 * uec.expire(): lets jobs whose lease is over wait again, in front of what their owner queued later. One that was
 * cancelled takes no place from then on, as one that was cancelled while it waited. One of the functions that cross
 * owners. The worker that had one can write nothing more once another has claimed it.
 */
export const expireSql = `
CREATE FUNCTION uec.expire(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
  job record;
  expired integer := 0;
BEGIN
  FOR job IN
    SELECT j.owner_key, j.run_id, j.takes_place, j.cancel_reason IS NOT NULL AS is_cancelled FROM uec.jobs AS j
    WHERE j.worker IS NOT NULL AND j.leased_until < clock_timestamp()
    ORDER BY j.owner_key, j.run_id LIMIT most FOR UPDATE SKIP LOCKED
  LOOP
    IF job.takes_place THEN
      -- The statement that has the owner's row may be the end of this run, and wait for this job: another time.
      PERFORM FROM uec.queue_owners AS q WHERE q.owner_key = job.owner_key FOR UPDATE SKIP LOCKED;
      CONTINUE WHEN NOT FOUND;
      UPDATE uec.queue_owners AS q
        SET running = q.running - 1, waiting = q.waiting + CASE WHEN job.is_cancelled THEN 0 ELSE 1 END
        WHERE q.owner_key = job.owner_key;
    END IF;
    UPDATE uec.jobs AS j
      SET worker = NULL, leased_until = NULL, takes_place = job.takes_place AND NOT job.is_cancelled
      WHERE j.owner_key = job.owner_key AND j.run_id = job.run_id;
    expired := expired + 1;
  END LOOP;
  RETURN expired;
END
$function$;
`
