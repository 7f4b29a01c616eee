/**
 * Version 11: a run is filed, queued and, where the process that queues it has a slot, claimed in one statement.
 */
import type { Migration } from './migration.ts'

const given =
  'text, boolean, text, text, text, bigint, text, text, integer, integer, uuid, integer, text, text, integer'

/**
 * uec.file_run(): all that a start says, in one commit. It crosses no owners: whoever calls it sees the rows of the
 * owner that it names and no others.
 *
 * It claims the job for the worker that is named, where none of the owner's waits and they have a place, and writes its
 * first event as uec.claim() does. A worker names itself while it has a slot and knows of nobody who waits. Otherwise
 * the job waits like any other. A key of an idempotent start is claimed before, with the lock that claim() of its store
 * takes; where it is not free, nothing is filed. Owners, runs and jobs are locked in this order, as everywhere. A run
 * of the same id is a violation of the key of uec.runs, which takes the place back, too.
 */
const fileRunSql = `
CREATE FUNCTION uec.file_run(
  owner text, is_sharded boolean, run text, thread text, request text, created_ms bigint, job text, data text,
  most_waiting integer, most_running integer, claimer uuid, lease_ms integer,
  key_digest text, key_input text, most_keys integer
) RETURNS TABLE (
  state text, first_event text, run_id text, thread_id text, request_id text, created_at_ms bigint
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
  ignored text;
  is_claimed boolean := false;
  known record;
BEGIN
  IF is_sharded THEN ignored := uec.enter(owner); ELSE ignored := set_config('uec.owner', owner, true); END IF;
  IF key_digest IS NOT NULL THEN
    -- As claim() of the store of keys has it: the second of two claims of one owner counts what the first has added.
    PERFORM pg_advisory_xact_lock(hashtextextended('uec.start_keys ' || owner, 0));
    SELECT k.*, k.confirmed OR EXISTS (
        SELECT FROM uec.runs AS r WHERE r.owner_key = k.owner_key AND r.run_id = k.run_id AND r.start_data IS NOT NULL
      ) AS has_started
      INTO known FROM uec.start_keys AS k WHERE k.owner_key = owner AND k.digest = key_digest;
    IF FOUND THEN
      RETURN QUERY SELECT
        CASE WHEN known.input_digest <> key_input THEN 'reused'
          WHEN known.has_started THEN 'started' ELSE 'undecided' END,
        NULL, known.run_id, known.thread_id, known.request_id, known.created_at_ms;
      RETURN;
    END IF;
    DELETE FROM uec.start_keys AS k
      WHERE k.owner_key = owner AND k.claimed_at < clock_timestamp() - interval '1 day'
        AND NOT EXISTS (SELECT FROM uec.runs AS r WHERE r.owner_key = k.owner_key AND r.run_id = k.run_id);
    INSERT INTO uec.start_keys
      (owner_key, digest, input_digest, run_id, thread_id, request_id, created_at_ms, confirmed)
      SELECT owner, key_digest, key_input, run, thread, request, created_ms, true
      WHERE (SELECT count(*) FROM uec.start_keys AS k WHERE k.owner_key = owner) < most_keys;
    IF NOT FOUND THEN
      RETURN QUERY SELECT 'no key', NULL, NULL, NULL, NULL, NULL::bigint;
      RETURN;
    END IF;
  END IF;
  IF claimer IS NOT NULL THEN
    UPDATE uec.queue_owners AS q SET running = q.running + 1, turn = nextval('uec.turns')
      WHERE q.owner_key = owner AND q.waiting = 0 AND q.running < most_running;
    is_claimed := FOUND;
    IF NOT is_claimed THEN
      INSERT INTO uec.queue_owners (owner_key, running, turn) VALUES (owner, 1, nextval('uec.turns'))
        ON CONFLICT DO NOTHING;
      is_claimed := FOUND;
    END IF;
  END IF;
  IF NOT is_claimed THEN
    INSERT INTO uec.queue_owners AS q (owner_key, waiting, turn) VALUES (owner, 1, nextval('uec.turns'))
      ON CONFLICT (owner_key) DO UPDATE SET
        waiting = q.waiting + 1, turn = CASE WHEN q.waiting = 0 THEN nextval('uec.turns') ELSE q.turn END
      WHERE q.waiting < most_waiting;
    IF NOT FOUND THEN
      DELETE FROM uec.start_keys AS k WHERE k.owner_key = owner AND k.digest = key_digest;
      RETURN QUERY SELECT 'full', NULL, NULL, NULL, NULL, NULL::bigint;
      RETURN;
    END IF;
    -- Whoever asks waits for the disk once more, while a worker claims it: its claim is on disk no sooner than the job.
    ignored := set_config('synchronous_commit', 'off', true);
    INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, start_data)
      VALUES (owner, run, thread, request, created_ms, data);
  ELSE
    first_event := concat('{"version":1,"epoch":1,"sequence":1,"type":"agent_started","timestamp":"',
      to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      '","threadId":"', thread, '","runId":"', run, '","requestId":"', request, '","data":', data, '}');
    INSERT INTO uec.runs
      (owner_key, run_id, thread_id, request_id, created_at_ms, start_data, opened_at, epoch_starts, last_sequence)
      VALUES (owner, run, thread, request, created_ms, data, clock_timestamp(), '{1}', 1);
  END IF;
  IF NOT is_claimed THEN
    INSERT INTO uec.jobs (owner_key, run_id, sealed_context) VALUES (owner, run, job);
    RETURN QUERY SELECT 'queued', NULL, NULL, NULL, NULL, NULL::bigint;
    RETURN;
  END IF;
  INSERT INTO uec.events (owner_key, run_id, sequence, epoch, type, text)
    VALUES (owner, run, 1, 1, 'agent_started', first_event);
  INSERT INTO uec.jobs (owner_key, run_id, sealed_context, worker, leased_until, attempts)
    VALUES (owner, run, job, claimer, clock_timestamp() + make_interval(secs => lease_ms / 1000.0), 1);
  RETURN QUERY SELECT 'claimed', first_event, NULL, NULL, NULL, NULL::bigint;
END
$function$;

REVOKE ALL ON FUNCTION uec.file_run(${given}) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uec.file_run(${given}) TO uec_service, uec_worker;
ALTER POLICY own ON uec.start_keys TO uec_service, uec_worker;
GRANT SELECT, INSERT, DELETE ON uec.start_keys TO uec_worker;
`

export const filedRuns: Migration = { name: 'filed-runs', sql: fileRunSql }
