/**
 * A transaction in which one owner's rows are there, and nobody else's.
 */
import pg from 'pg'
import { inTransaction } from './in-transaction.ts'
import { isShardPool } from './shard-pool.ts'

/** Runs statements as an owner. In a shard it is refused where the owner is not at home. */
export const asOwner = <Result>(
  pool: pg.Pool,
  ownerKey: string,
  run: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> => {
  const owner = pg.escapeLiteral(ownerKey)
  const enter = isShardPool(pool) ? `uec.enter(${owner})` : `pg_catalog.set_config('uec.owner', ${owner}, true)`
  // One message for both: the setting is gone with the transaction.
  return inTransaction(pool, `BEGIN; SELECT ${enter}`, run)
}
