/**
 * uec.end_unqueued(): ends runs of any owners that have no job, no writer and no end so long after they were filed.
 *
 * Both events are one commit with the end of the run. What queues, opens or takes back such a run meanwhile has its row
 * locked: it is left for the next call. What the user asked for is not known: it comes with the job.
 */
export const toEndUnqueuedSql = ({ isOld, order, ids = [] }: EndUnqueued): string => `
CREATE FUNCTION uec.end_unqueued(grace interval, failure text, most integer)
RETURNS TABLE (${['owner_key', 'run_id', ...ids].map((name) => `${name} text`).join(', ')})
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
  WITH lost AS (
    SELECT r.owner_key, r.run_id,
      concat('"timestamp":"', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        '","threadId":"', r.thread_id, '","runId":"', r.run_id, '","requestId":"', r.request_id, '","data":') AS ids
    FROM uec.runs AS r
    WHERE r.ended_at IS NULL AND r.opened_at IS NULL AND r.start_data IS NULL
      AND ${isOld}
    ORDER BY ${order} LIMIT most FOR UPDATE SKIP LOCKED
  ), events AS (
    SELECT lost.owner_key, lost.run_id, e.sequence, e.type,
      concat('{"version":1,"epoch":1,"sequence":', e.sequence, ',"type":"', e.type, '",', lost.ids, e.data, '}') AS text
    FROM lost CROSS JOIN (VALUES
      (1, 'agent_started', '{"input":{"text":""}}'),
      (2, 'agent_failed', failure)
    ) AS e(sequence, type, data)
  ), added AS (
    INSERT INTO uec.events (owner_key, run_id, sequence, epoch, type, text)
    SELECT e.owner_key, e.run_id, e.sequence, 1, e.type, e.text FROM events AS e
  )
  UPDATE uec.runs AS r
    SET epoch_starts = '{1}', opened_at = clock_timestamp(), ended_at = clock_timestamp(), last_sequence = 2,
      bytes = (
        SELECT sum(octet_length(e.text)) FROM events AS e WHERE e.owner_key = r.owner_key AND e.run_id = r.run_id
      )
    FROM lost WHERE r.owner_key = lost.owner_key AND r.run_id = lost.run_id
    RETURNING ${['owner_key', 'run_id', ...ids].map((name) => `r.${name}`).join(', ')}
$function$;
`

type EndUnqueued = {
  readonly isOld: string
  readonly order: string
  /** Columns of a run that it gives beside its key. */
  readonly ids?: readonly string[]
}
