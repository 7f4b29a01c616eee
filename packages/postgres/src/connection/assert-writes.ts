/**
 * Whether a server writes at all.
 */
import type { Pool, PoolClient } from 'pg'
import { ContextError } from 'user-execution-context'

/** Refuses a standby, and a login or a database whose transactions only read. */
export const assertWrites = async (client: Pool | PoolClient): Promise<void> => {
  const { rows } = await client.query<{ readonly only_reads: boolean }>(
    `SELECT pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'on' AS only_reads`,
  )
  if (rows[0]!.only_reads) throw onlyReads()
}

function onlyReads(): ContextError {
  return new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
    fix:
      'The server only reads: it is a standby, or default_transaction_read_only is on. Name the primary, or a login ' +
      'that writes.',
  })
}
