import { createHmac } from 'node:crypto'
import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { withUserSession, type SessionPool, type UserSession } from '@user-execution-context/postgres'

/** For a migration. The function alone reads the key, and answers for a user whose claims carry its mark. */
export const sealedOwnerSql = `
CREATE SCHEMA sealed;
CREATE TABLE sealed.pads (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL);
ALTER TABLE sealed.pads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY verifier ON sealed.pads USING (true);
CREATE FUNCTION sealed.owner() RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT nullif(current_setting('uec.owner', true), '') FROM sealed.pads AS p
  WHERE nullif(current_setting('sealed.until', true), '')::bigint > extract(epoch FROM now()) * 1000
    AND current_setting('sealed.mark', true) = encode(sha256(p.outer_pad || sha256(p.inner_pad || convert_to(concat(
      current_setting('sealed.until', true), E'\\n', current_setting('uec.owner', true), E'\\n',
      current_setting('uec.tenant', true), E'\\n', current_setting('uec.permissions', true)), 'UTF8'))), 'hex')
  LIMIT 1
$$;
REVOKE ALL ON FUNCTION sealed.owner() FROM PUBLIC;
GRANT USAGE ON SCHEMA sealed TO uec_service;
GRANT EXECUTE ON FUNCTION sealed.owner() TO uec_service;`

/** What the table holds of a key of 32 bytes, as HMAC (RFC 2104) pads it: `INSERT INTO sealed.pads VALUES ($1, $2)`. */
export const toPads = (key: Uint8Array): readonly Buffer[] =>
  [0x36, 0x5c].map((pad) => Buffer.from(Array.from({ length: 64 }, (_, index) => (key[index] ?? 0) ^ pad)))

/** As withUserSession(), with the claims of the user marked for a minute: a transaction must have begun by then. */
export const withSealedSession = <Result>(
  context: UserExecutionContext,
  pool: SessionPool,
  key: Uint8Array,
  run: (session: UserSession) => Promise<Result>,
): Promise<Result> =>
  withUserSession(context, pool, async (session) => {
    const until = String(Date.now() + 60_000)
    const claims = [until, toOwnerKey(context), context.tenantId ?? '', JSON.stringify(context.permissions)]
    const mark = createHmac('sha256', key).update(claims.join('\n')).digest('hex')
    await session.query("SELECT set_config('sealed.until', $1, true), set_config('sealed.mark', $2, true)", [
      until,
      mark,
    ])
    return run(session)
  })
