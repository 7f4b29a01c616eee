/**
 * Version 15: a run that was cancelled gives its place back when its worker is lost. Its end gave it back once more,
 * and the count of its owner fell below zero, which the table refuses: no worker could end or claim anything any more.
 */
import { expireSql } from './functions/expire.ts'
import type { Migration } from './migration.ts'

// Owners before jobs, as everywhere.
const countAgainSql = `
LOCK TABLE uec.queue_owners, uec.jobs IN SHARE ROW EXCLUSIVE MODE;
UPDATE uec.jobs SET takes_place = false WHERE worker IS NULL AND cancel_reason IS NOT NULL;
UPDATE uec.queue_owners AS q SET waiting = c.waiting, running = c.running
  FROM (
    SELECT o.owner_key,
      count(*) FILTER (WHERE j.takes_place AND j.worker IS NULL)::integer AS waiting,
      count(*) FILTER (WHERE j.takes_place AND j.worker IS NOT NULL)::integer AS running
    FROM uec.queue_owners AS o LEFT JOIN uec.jobs AS j ON j.owner_key = o.owner_key
    GROUP BY o.owner_key
  ) AS c
  WHERE c.owner_key = q.owner_key AND (q.waiting, q.running) <> (c.waiting, c.running);
`

export const cancelledLeases: Migration = {
  name: 'cancelled-leases',
  // A database that is new has the function from version 2 on.
  sql: expireSql.replaceAll('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION') + countAgainSql,
}
