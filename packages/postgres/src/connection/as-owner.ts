/**
 * A transaction in which one owner's rows are there, and nobody else's.
 */
import pg from 'pg'

/**
 * Runs statements as an owner. The client is destroyed when anything fails: it may hold an open transaction, or the
 * answer to a statement that nobody waits for.
 */
export const asOwner = async <Result>(
  pool: pg.Pool,
  ownerKey: string,
  run: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> => {
  const client = await pool.connect()
  // The pool listens only while it holds the client. A server that goes away meanwhile would end this process.
  client.on('error', ignore)
  try {
    // One message for both: the setting is gone with the transaction.
    await client.query(`BEGIN; SELECT pg_catalog.set_config('uec.owner', ${pg.escapeLiteral(ownerKey)}, true)`)
    const result = await run(client)
    await client.query('COMMIT')
    client.off('error', ignore)
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** The statement that waits, or the next one, is told of it, too. */
function ignore(): void {}
