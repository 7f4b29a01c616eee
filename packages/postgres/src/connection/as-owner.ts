/**
 * A transaction in which one owner's rows are there, and nobody else's.
 */
import type pg from 'pg'
import { begin, inTransaction, maxIdle } from './in-transaction.ts'
import { isShardPool } from './shard-pool.ts'
import { queryDatabase } from './unreachable.ts'

/** How a transaction is kept. */
export type Keeping = {
  /**
   * It is answered before it is on disk. For what is worth nothing without a later commit: one that is on disk has
   * everything before it there, too. Default false.
   */
  readonly isRelaxed?: boolean
  /**
   * It gives up on a lock that others hold for longer than {@link lockMs}, and has changed nothing: whoever waits for
   * one longer keeps a connection from others. Default false.
   */
  readonly isImpatient?: boolean
}

/** How long an impatient transaction waits for a lock, milliseconds. */
const lockMs = 50

/** Runs statements as an owner. In a shard it is refused where the owner is not at home. */
export const asOwner = <Result>(
  pool: pg.Pool,
  ownerKey: string,
  run: (client: pg.PoolClient) => Promise<Result>,
  { isRelaxed = false, isImpatient = false }: Keeping = {},
): Promise<Result> => {
  const enter = isShardPool(pool) ? 'uec.enter($1)' : "pg_catalog.set_config('uec.owner', $1, true)"
  const relax = isRelaxed ? ", pg_catalog.set_config('synchronous_commit', 'off', true)" : ''
  const limit = `, pg_catalog.set_config('idle_in_transaction_session_timeout', '${maxIdle}', true)`
  // Before a shard is entered, which may wait too.
  const give = isImpatient ? `pg_catalog.set_config('lock_timeout', '${lockMs}ms', true), ` : ''
  const text = `SELECT ${give}${enter}${limit}${relax}`
  const keeping = `${isRelaxed ? '-relaxed' : ''}${isImpatient ? '-impatient' : ''}`
  const named = { name: `uec-${isShardPool(pool) ? 'enter' : 'own'}${keeping}`, text }
  // One message for all: the settings are gone with the transaction.
  return inTransaction(pool, [{ text: begin }, { text, named, values: [ownerKey] }], run)
}

/** Resolves when everything that was committed before is on disk, as far as the server keeps that at all. */
export const untilDurable = async (pool: pg.Pool): Promise<void> =>
  void (await queryDatabase(pool, { text: "SELECT pg_catalog.pg_logical_emit_message(true, 'uec', '')" }))
