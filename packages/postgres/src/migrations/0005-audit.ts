/**
 * Version 5: audit trails, to which everybody adds and nobody else does anything.
 *
 * A trail is a chain over all users, so its key does not begin with an owner. The chain is held by the keys: a record
 * must name the one before it, and each has one that follows.
 */
import type { Migration } from './migration.ts'

export const audit: Migration = {
  name: 'audit',
  sql: `
CREATE TABLE uec.audit_records (
  trail text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL CHECK (sequence > 0),
  hash text COLLATE "C" NOT NULL,
  -- Missing for the first record alone.
  previous_sequence bigint,
  previous_hash text COLLATE "C",
  record text COLLATE "C" NOT NULL,
  PRIMARY KEY (trail, sequence),
  UNIQUE (trail, sequence, hash),
  CHECK ((sequence = 1) = (previous_sequence IS NULL) AND (sequence = 1) = (previous_hash IS NULL)),
  CHECK (previous_sequence = sequence - 1),
  FOREIGN KEY (trail, previous_sequence, previous_hash) REFERENCES uec.audit_records (trail, sequence, hash)
);
ALTER TABLE uec.audit_records ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_adds ON uec.audit_records FOR INSERT WITH CHECK (true);
-- The owner of the table may give these rights to itself again: a trail that must withstand it is copied elsewhere.
REVOKE DELETE, TRUNCATE ON uec.audit_records FROM uec_owner;
-- Of no policy for UPDATE and DELETE: with FORCE they change no row, for the owner of the table too.
CREATE POLICY everybody_goes_on ON uec.audit_records FOR SELECT USING (true);
GRANT INSERT ON uec.audit_records TO uec_service, uec_worker;
-- Where a trail ends, and nothing of what it says.
GRANT SELECT (trail, sequence, hash) ON uec.audit_records TO uec_service, uec_worker;
`,
}
