/**
 * uec.claim(): all that a worker says and asks in one statement. One of the functions that cross owners.
 *
 * It gives back what the worker has done without an end (its run goes to another worker), extends the leases of what
 * the worker has, and claims up to so many jobs: each raises the epoch of its run in the same transaction, so that the
 * worker before can write nothing more. A job that was cancelled while it waited takes no place.
 */
export const claimSql = `
CREATE FUNCTION uec.claim(
  claimer uuid, slots integer, per_user integer, lease_ms integer, done_owner_keys text[], done_run_ids text[]
) RETURNS TABLE (
  kind text, owner_key text, run_id text, thread_id text, request_id text, created_at_ms bigint,
  epoch integer, last_sequence bigint, sealed_context text, start_data text, attempts integer, cancel_reason text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
  lease timestamptz := clock_timestamp() + make_interval(secs => lease_ms / 1000.0);
  next_owner text;
  job uec.jobs;
BEGIN
  -- It waits for no row that another statement has locked: that one may wait for a row of this claim. What is passed
  -- over here is said again by the next claim, long before the lease is over.
  UPDATE uec.jobs AS j SET leased_until = '-infinity'
    FROM (
      SELECT f.owner_key, f.run_id FROM uec.jobs AS f
      WHERE f.worker = claimer AND (f.owner_key, f.run_id) IN (SELECT * FROM unnest(done_owner_keys, done_run_ids))
      FOR UPDATE SKIP LOCKED
    ) AS free
    WHERE j.owner_key = free.owner_key AND j.run_id = free.run_id;
  UPDATE uec.jobs AS j SET leased_until = lease
    FROM (
      SELECT f.owner_key, f.run_id FROM uec.jobs AS f
      WHERE f.worker = claimer AND f.leased_until <> '-infinity' FOR UPDATE SKIP LOCKED
    ) AS free
    WHERE j.owner_key = free.owner_key AND j.run_id = free.run_id;
  RETURN QUERY
    SELECT 'held', j.owner_key, j.run_id, NULL, NULL, NULL::bigint, NULL::integer, NULL::bigint, NULL, NULL,
      j.attempts, j.cancel_reason
    FROM uec.jobs AS j WHERE j.worker = claimer AND j.leased_until <> '-infinity';
  PERFORM uec.expire(20);
  FOR turn IN 1 .. 20 LOOP
    SELECT * INTO job FROM uec.jobs AS j WHERE j.worker IS NULL AND j.cancel_reason IS NOT NULL
      ORDER BY j.position LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    RETURN QUERY SELECT * FROM uec.lease_job(job, claimer, lease);
  END LOOP;
  FOR turn IN 1 .. slots LOOP
    -- The owner's row is the lock of their places: two workers cannot give the last one away twice.
    SELECT q.owner_key INTO next_owner FROM uec.queue_owners AS q WHERE q.waiting > 0 AND q.running < per_user
      ORDER BY q.running, q.turn LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    SELECT * INTO job FROM uec.jobs AS j
      WHERE j.owner_key = next_owner AND j.worker IS NULL AND j.cancel_reason IS NULL
      ORDER BY j.position LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      -- All that waited is locked by who cancels it: its turn comes again.
      UPDATE uec.queue_owners AS q SET turn = nextval('uec.turns') WHERE q.owner_key = next_owner;
      CONTINUE;
    END IF;
    UPDATE uec.queue_owners AS q
      SET waiting = q.waiting - 1, running = q.running + 1, turn = nextval('uec.turns') WHERE q.owner_key = next_owner;
    RETURN QUERY SELECT * FROM uec.lease_job(job, claimer, lease);
  END LOOP;
END
$function$;

-- Part of uec.claim(), and granted to nobody.
CREATE FUNCTION uec.lease_job(job uec.jobs, claimer uuid, lease timestamptz) RETURNS TABLE (
  kind text, owner_key text, run_id text, thread_id text, request_id text, created_at_ms bigint,
  epoch integer, last_sequence bigint, sealed_context text, start_data text, attempts integer, cancel_reason text
)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
  run uec.runs;
BEGIN
  UPDATE uec.jobs AS j
    SET worker = claimer, leased_until = lease, attempts = j.attempts + 1
    WHERE j.owner_key = job.owner_key AND j.run_id = job.run_id;
  UPDATE uec.runs AS r
    SET epoch_starts = r.epoch_starts || (r.last_sequence + 1), writer = NULL,
      opened_at = coalesce(r.opened_at, clock_timestamp()),
      last_sequence = greatest(r.last_sequence, 1)
    WHERE r.owner_key = job.owner_key AND r.run_id = job.run_id AND r.ended_at IS NULL
    RETURNING r.* INTO run;
  IF FOUND THEN
    -- Claim, lease and first event are one commit. The ids have no character that JSON escapes.
    INSERT INTO uec.events (owner_key, run_id, sequence, epoch, type, text)
      SELECT run.owner_key, run.run_id, 1, cardinality(run.epoch_starts), 'agent_started', concat(
        '{"version":1,"epoch":', cardinality(run.epoch_starts), ',"sequence":1,"type":"agent_started","timestamp":"',
        to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        '","threadId":"', run.thread_id, '","runId":"', run.run_id, '","requestId":"', run.request_id,
        '","data":', run.start_data, '}')
      WHERE run.epoch_starts[cardinality(run.epoch_starts)] = 1;
    RETURN QUERY SELECT 'claimed', run.owner_key, run.run_id, run.thread_id, run.request_id, run.created_at_ms,
      cardinality(run.epoch_starts), run.last_sequence, job.sealed_context, run.start_data, job.attempts + 1,
      job.cancel_reason;
    RETURN;
  END IF;
  -- A run that is gone or has ended leaves nothing to do.
  DELETE FROM uec.jobs AS j WHERE j.owner_key = job.owner_key AND j.run_id = job.run_id;
  IF job.takes_place THEN
    UPDATE uec.queue_owners AS q SET running = q.running - 1 WHERE q.owner_key = job.owner_key;
  END IF;
END
$function$;
`
