/**
 * Version 7: the end of runs that were filed and never queued. One function more crosses owners.
 */
import { toEndUnqueuedSql } from './functions/end-unqueued.ts'
import type { Migration } from './migration.ts'

// By the clock of the process that filed the run, until version 12.
const filing = {
  isOld: 'r.created_at_ms < (extract(epoch FROM clock_timestamp() - grace) * 1000)::bigint',
  order: 'r.created_at_ms',
}

const sql = `${toEndUnqueuedSql(filing)}
REVOKE ALL ON FUNCTION uec.end_unqueued(interval, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uec.end_unqueued(interval, text, integer) TO uec_worker;
`

export const unqueuedRuns: Migration = { name: 'unqueued-runs', sql }
