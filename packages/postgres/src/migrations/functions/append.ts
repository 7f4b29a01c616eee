/**
 * uec.append(): adds a batch of events of any runs. One of the functions that cross owners.
 *
 * Each event is added only while its run has the writer's epoch and no end, and directly behind the last one. It gives
 * back the number (from 1, in the batch) and the reason of each that was not added: `missing`, `fenced` or `hole`. One
 * that the run has already, from the same writer and of the same type, counts as added.
 */
export const appendSql = `
CREATE FUNCTION uec.append(
  owner_keys text[], run_ids text[], epochs integer[], sequences bigint[], types text[], texts text[], durable boolean
) RETURNS TABLE (place bigint, reason text, held_sequence bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
BEGIN
  -- For this transaction only: text may be lost with the last moments of the server, all else may not.
  IF NOT durable THEN PERFORM set_config('synchronous_commit', 'off', true); END IF;
  -- In one order, and owners before runs as uec.claim() has it, so that two batches cannot wait for each other.
  PERFORM FROM uec.queue_owners AS q
    WHERE q.owner_key IN (
      SELECT e.owner_key FROM unnest(owner_keys, types) AS e(owner_key, type)
      WHERE e.type IN ('agent_completed', 'agent_failed', 'agent_cancelled')
    )
    ORDER BY q.owner_key FOR UPDATE;
  PERFORM FROM uec.runs AS r
    WHERE (r.owner_key, r.run_id) IN (SELECT * FROM unnest(owner_keys, run_ids))
    ORDER BY r.owner_key, r.run_id FOR UPDATE;
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT g.*, r.last_sequence, r.run_id IS NULL AS missing,
      coalesce(g.epoch = cardinality(r.epoch_starts), false) AS is_newest,
      r.ended_at IS NOT NULL AS has_ended,
      g.type IN ('agent_completed', 'agent_failed', 'agent_cancelled') AS is_end
    FROM unnest(owner_keys, run_ids, epochs, sequences, types, texts) WITH ORDINALITY
      AS g(owner_key, run_id, epoch, sequence, type, text, place)
    LEFT JOIN uec.runs AS r ON r.owner_key = g.owner_key AND r.run_id = g.run_id
  ), next AS MATERIALIZED (
    SELECT n.* FROM (
      SELECT given.*,
        row_number() OVER run AS step,
        count(*) FILTER (WHERE is_end) OVER (run ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends_before
      FROM given WHERE is_newest AND NOT has_ended AND sequence > last_sequence
      WINDOW run AS (PARTITION BY owner_key, run_id ORDER BY place)
    ) AS n
    WHERE sequence = last_sequence + step AND ends_before = 0
  ), added AS (
    INSERT INTO uec.events (owner_key, run_id, sequence, epoch, type, text)
    SELECT owner_key, run_id, sequence, epoch, type, text FROM next
  ), moved AS (
    UPDATE uec.runs AS r SET
      last_sequence = n.last,
      bytes = r.bytes + n.bytes,
      ended_at = CASE WHEN n.has_end THEN clock_timestamp() END,
      -- Nobody takes the run up any more. That it was queued is still seen: the text is empty and not missing.
      start_data = CASE WHEN n.has_end AND r.start_data IS NOT NULL THEN '' ELSE r.start_data END
    FROM (
      SELECT owner_key, run_id, max(sequence) AS last, sum(octet_length(text)) AS bytes, bool_or(is_end) AS has_end
      FROM next GROUP BY owner_key, run_id
    ) AS n
    WHERE r.owner_key = n.owner_key AND r.run_id = n.run_id
  ), done AS (
    -- The end of a run ends its job and frees its place, in the same transaction.
    DELETE FROM uec.jobs AS j USING next AS n
    WHERE n.is_end AND j.owner_key = n.owner_key AND j.run_id = n.run_id
    RETURNING j.owner_key, j.worker IS NOT NULL AND j.takes_place AS was_running,
      j.worker IS NULL AND j.takes_place AS was_waiting
  ), freed AS (
    UPDATE uec.queue_owners AS q SET
      running = q.running - d.running, waiting = q.waiting - d.waiting, turn = nextval('uec.turns')
    FROM (
      SELECT owner_key, count(*) FILTER (WHERE was_running)::integer AS running,
        count(*) FILTER (WHERE was_waiting)::integer AS waiting
      FROM done GROUP BY owner_key
    ) AS d
    WHERE q.owner_key = d.owner_key
  )
  SELECT g.place,
    CASE WHEN g.missing THEN 'missing' WHEN NOT g.is_newest OR g.has_ended THEN 'fenced' ELSE 'hole' END,
    g.last_sequence
  FROM given AS g
  WHERE g.place NOT IN (SELECT place FROM next)
    AND NOT EXISTS (
      SELECT FROM uec.events AS e
      WHERE e.owner_key = g.owner_key AND e.run_id = g.run_id AND e.sequence = g.sequence
        AND e.epoch = g.epoch AND e.type = g.type
    );
END
$function$;
`
