/**
 * Version 13: whoever ends a run that was never queued is given all of its ids, and can say of which run that was.
 */
import { toEndUnqueuedSql } from './functions/end-unqueued.ts'
import type { Migration } from './migration.ts'

const given = 'uec.end_unqueued(interval, text, integer)'
const endUnqueuedSql = toEndUnqueuedSql({
  isOld: 'r.filed_at < clock_timestamp() - grace',
  order: 'r.filed_at',
  ids: ['thread_id', 'request_id'],
})

// What a function gives cannot be changed. A node of the version before selects the first two columns only.
const sql = `DROP FUNCTION ${given};
${endUnqueuedSql}
REVOKE ALL ON FUNCTION ${given} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${given} TO uec_worker;
`

export const endedRunIds: Migration = { name: 'ended-run-ids', sql }
