/**
 * Version 3: what nodes must agree on beside runs: starts that have a key, texts that open once, and revocations.
 */
import type { Migration } from './migration.ts'

export const stores: Migration = {
  name: 'stores',
  sql: `
CREATE TABLE uec.start_keys (
  owner_key text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  input_digest text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  thread_id text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  created_at_ms bigint NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  confirmed boolean NOT NULL DEFAULT false,
  PRIMARY KEY (owner_key, digest)
);
CREATE INDEX start_keys_by_age ON uec.start_keys (claimed_at);
ALTER TABLE uec.start_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON uec.start_keys TO uec_service
  USING (owner_key = (SELECT uec.owner())) WITH CHECK (owner_key = (SELECT uec.owner()));
CREATE POLICY crossing ON uec.start_keys TO uec_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON uec.start_keys TO uec_service;

-- Random ids and digests of attempts: nothing of a user.
CREATE TABLE uec.opened_texts (
  text_id text COLLATE "C" PRIMARY KEY,
  attempt_digest bytea NOT NULL,
  until timestamptz NOT NULL,
  completed boolean NOT NULL DEFAULT false
);
CREATE INDEX opened_texts_by_end ON uec.opened_texts (until);
ALTER TABLE uec.opened_texts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY every_opener ON uec.opened_texts USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON uec.opened_texts TO uec_service, uec_worker;

-- Every node must know every revocation, so every row is everybody's.
CREATE TABLE uec.revocations (
  key text COLLATE "C" PRIMARY KEY,
  not_before_ms bigint NOT NULL,
  until_ms bigint NOT NULL,
  reason text COLLATE "C" NOT NULL,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX revocations_by_time ON uec.revocations (written_at);
CREATE INDEX revocations_by_end ON uec.revocations (until_ms);
ALTER TABLE uec.revocations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY every_node ON uec.revocations USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON uec.revocations TO uec_service, uec_worker;
`,
}
