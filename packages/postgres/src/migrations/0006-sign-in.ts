/**
 * Version 6: who signs in, how often they may fail, and tickets.
 *
 * These rows are looked up before it is known who asks. A policy shows them outside of user sessions alone: a statement
 * that runs as a user finds no password record and no ticket.
 */
import type { Migration } from './migration.ts'

const tables = `
CREATE TABLE uec.users (
  user_id text COLLATE "C" PRIMARY KEY,
  name_key text COLLATE "C" NOT NULL UNIQUE,
  -- As JSON, with the record of the password and never with the password.
  record text COLLATE "C" NOT NULL
);

-- Digests of names and addresses, each with a lock of its own.
CREATE TABLE uec.sign_in_failures (
  key_digest bytea PRIMARY KEY,
  failures integer NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_by_end ON uec.sign_in_failures (ends_at);

-- One row for each place that an attempt holds, until it is settled or its node counts as lost.
CREATE TABLE uec.sign_in_attempts (
  key_digest bytea NOT NULL,
  attempt_id uuid NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (key_digest, attempt_id)
);
CREATE INDEX sign_in_attempts_by_id ON uec.sign_in_attempts (attempt_id);
CREATE INDEX sign_in_attempts_by_end ON uec.sign_in_attempts (until);

-- What a ticket stands for is encrypted under a key that only the ticket gives.
CREATE TABLE uec.tickets (
  ticket_digest bytea PRIMARY KEY,
  session_digest bytea NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  sealed_token bytea NOT NULL,
  until timestamptz NOT NULL
);
CREATE INDEX tickets_by_session ON uec.tickets (session_digest, position);
CREATE INDEX tickets_by_end ON uec.tickets (until);
`

const policies = ['users', 'sign_in_failures', 'sign_in_attempts', 'tickets']
  .map(
    (table) => `
ALTER TABLE uec.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY before_sign_in ON uec.${table} USING ((SELECT uec.owner()) IS NULL)
  WITH CHECK ((SELECT uec.owner()) IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON uec.${table} TO uec_service;
`,
  )
  .join('')

export const signIn: Migration = { name: 'sign-in', sql: tables + policies }
