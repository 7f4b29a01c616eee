/**
 * Version 2: runs and their events, the queue, and the five functions that cross owners.
 *
 * A run's row is locked by whoever writes to it, so that epoch, last number and end are decided one at a time.
 */
import type { Migration } from './migration.ts'
import { appendSql } from './functions/append.ts'
import { claimSql } from './functions/claim.ts'
import { expireSql } from './functions/expire.ts'
import { feedSql } from './functions/feed.ts'
import { trimSql } from './functions/trim.ts'

const tables = `
CREATE TABLE uec.runs (
  owner_key text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  thread_id text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  created_at_ms bigint NOT NULL,
  -- What the first event will carry, as JSON: what the user asked for.
  start_data text COLLATE "C",
  opened_at timestamptz,
  ended_at timestamptz,
  -- The number that each writer gave first; the newest is the only one that may write.
  epoch_starts bigint[] NOT NULL DEFAULT '{}',
  -- Made by the writer that opened the run last, so that it knows its own when the answer was lost.
  writer uuid,
  first_sequence bigint NOT NULL DEFAULT 1,
  last_sequence bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (owner_key, run_id)
);
CREATE INDEX runs_by_opening ON uec.runs (owner_key, opened_at);
CREATE INDEX runs_by_end ON uec.runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX runs_open ON uec.runs (created_at_ms) WHERE ended_at IS NULL;

CREATE TABLE uec.events (
  owner_key text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  epoch integer NOT NULL,
  type text COLLATE "C" NOT NULL,
  text text COLLATE "C" NOT NULL,
  PRIMARY KEY (owner_key, run_id, sequence)
);
-- Exactly one end: whatever writes, and however often.
CREATE UNIQUE INDEX events_one_end ON uec.events (owner_key, run_id)
  WHERE type IN ('agent_completed', 'agent_failed', 'agent_cancelled');

CREATE TABLE uec.jobs (
  owner_key text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- The context of the user, encrypted, and nothing else of them.
  sealed_context text COLLATE "C" NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  cancel_reason text COLLATE "C",
  worker uuid,
  leased_until timestamptz,
  -- Whether it takes one of its owner's places: one that was cancelled while it waited does not.
  takes_place boolean NOT NULL DEFAULT true,
  PRIMARY KEY (owner_key, run_id)
);
CREATE INDEX jobs_waiting ON uec.jobs (owner_key, position) WHERE worker IS NULL;
CREATE INDEX jobs_cancelled ON uec.jobs (position) WHERE worker IS NULL AND cancel_reason IS NOT NULL;
CREATE INDEX jobs_leased ON uec.jobs (leased_until) WHERE worker IS NOT NULL;
CREATE INDEX jobs_of_worker ON uec.jobs (worker) WHERE worker IS NOT NULL;

CREATE SEQUENCE uec.turns;
CREATE TABLE uec.queue_owners (
  owner_key text COLLATE "C" PRIMARY KEY,
  waiting integer NOT NULL DEFAULT 0 CHECK (waiting >= 0),
  running integer NOT NULL DEFAULT 0 CHECK (running >= 0),
  turn bigint NOT NULL
);
CREATE INDEX queue_owners_ready ON uec.queue_owners (running, turn) WHERE waiting > 0;

-- One row, nothing of a user: the node that trims has it locked.
CREATE TABLE uec.retention (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  -- Owners of runs that ended before have been looked at.
  looked_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO uec.retention DEFAULT VALUES;
ALTER TABLE uec.retention ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY crossing ON uec.retention TO uec_owner USING (true) WITH CHECK (true);
`

const ownedTables = ['runs', 'events', 'jobs', 'queue_owners'] as const

const policies = ownedTables
  .map(
    (table) => `
ALTER TABLE uec.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON uec.${table} TO uec_service, uec_worker
  USING (owner_key = (SELECT uec.owner())) WITH CHECK (owner_key = (SELECT uec.owner()));
CREATE POLICY crossing ON uec.${table} TO uec_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON uec.${table} TO uec_service, uec_worker;
`,
  )
  .join('')

const rights = `
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA uec FROM PUBLIC;
GRANT USAGE ON SEQUENCE uec.turns TO uec_service, uec_worker;
GRANT EXECUTE ON FUNCTION uec.append(text[], text[], integer[], bigint[], text[], text[], boolean) TO uec_worker;
GRANT EXECUTE ON FUNCTION uec.claim(uuid, integer, integer, integer, text[], text[]) TO uec_worker;
GRANT EXECUTE ON FUNCTION uec.expire(integer) TO uec_worker;
GRANT EXECUTE ON FUNCTION uec.trim(interval, integer, bigint, integer, integer) TO uec_worker;
GRANT EXECUTE ON FUNCTION uec.feed(text[], text[], integer[], bigint[], text[], integer, boolean)
  TO uec_service, uec_worker;
`

export const runs: Migration = {
  name: 'runs',
  sql: tables + policies + appendSql + claimSql + expireSql + trimSql + feedSql + rights,
}
