/**
 * A transaction in which one owner's rows are there, and nobody else's.
 */
import pg from 'pg'
import { inTransaction } from './in-transaction.ts'

/** Runs statements as an owner. */
export const asOwner = <Result>(
  pool: pg.Pool,
  ownerKey: string,
  run: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> =>
  // One message for both: the setting is gone with the transaction.
  inTransaction(pool, `BEGIN; SELECT pg_catalog.set_config('uec.owner', ${pg.escapeLiteral(ownerKey)}, true)`, run)
