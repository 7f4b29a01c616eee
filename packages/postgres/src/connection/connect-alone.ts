/**
 * A connection for one job, such as a move: no pool, and lost within a bounded time when the network forgets it.
 */
import pg from 'pg'
import { assertWrites } from './assert-writes.ts'
import { keepAlive, toDriverConfig, type ConnectionTarget } from './connection-target.ts'
import { toRefusal } from './unreachable.ts'

/** How long a statement may take that copies or compares all rows of an owner, milliseconds. */
export const defaultAnswerTimeoutMs = 600_000

/** Both sides ask: a server that keeps a transaction of a peer who is gone keeps its locks, too. */
const serverKeepAlive = 'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3'
/** Single statements are transactions of their own. */
const settings = `${serverKeepAlive}; SET default_transaction_isolation = 'read committed'`

/**
 * Connects, to a server that writes.
 *
 * @param answerTimeoutMs - How long a statement may take to be answered before the connection is lost.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_UNAVAILABLE`.
 */
export const connectAlone = async (target: ConnectionTarget, answerTimeoutMs: number): Promise<pg.Client> => {
  const timeouts = { connectionTimeoutMillis: 10_000, query_timeout: answerTimeoutMs }
  const client = new pg.Client({ ...toDriverConfig(target), ...keepAlive, ...timeouts } as pg.ClientConfig)
  // The statement that waits, or the next one, is told of it, too.
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => {
    throw toRefusal(error)
  })
  try {
    await client.query(settings)
    await assertWrites(client as unknown as pg.PoolClient)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** Rolls back after an error. A connection that gave no answer is closed: it would give none to this either. */
export const rollBackAfter = async (client: pg.Client, error: unknown): Promise<void> => {
  const isUnanswered = error instanceof Error && error.message === 'Query read timeout'
  await (isUnanswered ? client.end() : client.query('ROLLBACK')).catch(() => undefined)
}
