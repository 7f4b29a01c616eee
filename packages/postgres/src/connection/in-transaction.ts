/**
 * Statements of the process itself, for no user: on one connection, and in a transaction.
 */
import type { Pool, PoolClient } from 'pg'
import { surviveLostConnections } from './survive-lost-connections.ts'
import { toUnavailable } from './unreachable.ts'

/**
 * Runs statements on one connection. The client is destroyed when anything fails: it may hold an open transaction, or
 * the answer to a statement that nobody waits for.
 *
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_UNAVAILABLE` where the database cannot be reached, or goes away.
 */
export const onConnection = async <Result>(
  pool: Pool,
  run: (client: PoolClient) => Promise<Result>,
): Promise<Result> => {
  surviveLostConnections(pool)
  const client = await pool.connect().catch((error: unknown) => {
    throw toUnavailable(error)
  })
  // The pool listens only while it holds the client. A server that goes away meanwhile would end this process.
  client.on('error', ignore)
  try {
    const result = await run(client)
    client.off('error', ignore)
    client.release()
    return result
  } catch (error) {
    client.release(error instanceof Error ? error : true)
    throw toUnavailable(error)
  }
}

/** Runs statements, and commits. @throws {ContextError} As {@link onConnection}. */
export const inTransaction = <Result>(
  pool: Pool,
  begin: string,
  run: (client: PoolClient) => Promise<Result>,
): Promise<Result> =>
  onConnection(pool, async (client) => {
    await client.query(begin)
    const result = await run(client)
    await client.query('COMMIT')
    return result
  })

/** The statement that waits, or the next one, is told of it, too. */
function ignore(): void {}
