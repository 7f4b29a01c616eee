/**
 * Version 12: a run has its time to be queued by the clock of the database. By that of the process that filed it, a
 * process whose clock was behind filed runs that a worker ended at once, before they were queued.
 */
import { toEndUnqueuedSql } from './functions/end-unqueued.ts'
import type { Migration } from './migration.ts'

// The default is the same for all rows that are there, so no table is written anew.
const addColumn = 'ALTER TABLE uec.runs ADD COLUMN filed_at timestamptz NOT NULL DEFAULT now();\n'
const filing = { isOld: 'r.filed_at < clock_timestamp() - grace', order: 'r.filed_at' }

export const filedAt: Migration = {
  name: 'filed-at',
  sql: addColumn + toEndUnqueuedSql(filing).replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'),
}
