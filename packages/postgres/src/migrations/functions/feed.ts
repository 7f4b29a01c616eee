/**
 * uec.feed(): what the readers of a node have not been told yet, of all its runs and owners in one statement. One of
 * the functions that cross owners: it gives events of the runs that are named with their owner, and the runs of the
 * owners that are named. And how many jobs wait in all, when that is asked. The role that serves users may call it: in
 * a session of a user it gives what is theirs.
 */
export const feedSql = `
CREATE FUNCTION uec.feed(
  owner_keys text[], run_ids text[], epochs integer[], sequences bigint[], follow_owner_keys text[],
  most integer, counted boolean
) RETURNS TABLE (
  kind text, place bigint, epoch integer, sequence bigint, type text, text text,
  run_id text, thread_id text, request_id text, created_at_ms bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
  (
    SELECT 'event', g.place, e.epoch, e.sequence, e.type, e.text, NULL, NULL, NULL, NULL::bigint
    FROM unnest(owner_keys, run_ids, epochs, sequences) WITH ORDINALITY AS g(owner_key, run_id, epoch, sequence, place)
    JOIN uec.runs AS r ON r.owner_key = g.owner_key AND r.run_id = g.run_id
    CROSS JOIN LATERAL (
      SELECT e.epoch, e.sequence, e.type, e.text FROM uec.events AS e
      WHERE e.owner_key = g.owner_key AND e.run_id = g.run_id
        -- Behind what its epoch has, when a crash took events that were told of.
        AND e.sequence > least(g.sequence, coalesce(r.epoch_starts[g.epoch + 1] - 1, r.last_sequence))
      ORDER BY e.sequence LIMIT most
    ) AS e
    WHERE coalesce(uec.owner() = g.owner_key, true)
    ORDER BY g.place, e.sequence
  )
  UNION ALL
  SELECT 'run', o.place, NULL, NULL, NULL, NULL, r.run_id, r.thread_id, r.request_id, r.created_at_ms
  FROM unnest(follow_owner_keys) WITH ORDINALITY AS o(owner_key, place)
  JOIN uec.runs AS r ON r.owner_key = o.owner_key AND r.opened_at > now() - interval '1 minute'
  WHERE coalesce(uec.owner() = o.owner_key, true)
  UNION ALL
  SELECT 'queue', sum(q.waiting), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM uec.queue_owners AS q
  WHERE counted AND uec.owner() IS NULL AND q.waiting > 0
$function$;
`
