/**
 * Statements of the process itself, for no user: on one connection, and in a transaction.
 */
import type { Pool, PoolClient } from 'pg'
import { isContextError } from 'user-execution-context'
import { MessageBatch, sendFirst, type BatchStatement } from './message-batch.ts'
import { throwOf } from './shard-pool.ts'
import { surviveLostConnections } from './survive-lost-connections.ts'
import { isUnreachable, toRefusal, toUnavailable } from './unreachable.ts'

/** Begins a transaction at the level that all statements are written for, whatever the database begins others at. */
export const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED'

/**
 * How long the server waits for the next statement of such a transaction. The statements follow each other at once, so
 * a process that says nothing for so long hangs, or is gone: what it locks is locked for all other users.
 */
export const maxIdle = '10s'

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
  const client = await pool.connect().catch((error: unknown) => throwOf(pool, toRefusal(error)))
  // The pool listens only while it holds the client. A server that goes away meanwhile would end this process.
  client.on('error', ignore)
  try {
    const result = await run(client)
    client.off('error', ignore)
    client.release()
    return result
  } catch (error) {
    client.release(error instanceof Error ? error : true)
    return throwOf(pool, toUnavailable(error))
  }
}

/**
 * Runs statements, and commits. What is refused is rolled back, and costs no connection: a client may ask for it as
 * often as it likes.
 *
 * @param first - What begins it. A text is given {@link maxIdle}; statements with values say it themselves.
 * @throws {ContextError} As {@link onConnection}.
 */
export const inTransaction = async <Result>(
  pool: Pool,
  first: string | readonly BatchStatement[],
  run: (client: PoolClient) => Promise<Result>,
): Promise<Result> => {
  const outcome = await onConnection(pool, async (client) => {
    try {
      await begun(client, first)
      const result = await run(client)
      await client.query('COMMIT')
      return { result }
    } catch (error) {
      if (!isRefusal(error)) throw error
      // Behind statements that nobody waits for, and their answers.
      await client.query('ROLLBACK')
      return { refusal: error }
    }
  })
  if ('refusal' in outcome) return throwOf(pool, outcome.refusal)
  return outcome.result
}

const idleSetting = 'idle_in_transaction_session_timeout'

async function begun(client: PoolClient, first: string | readonly BatchStatement[]): Promise<void> {
  const limited = typeof first === 'string' ? `${first}; SET LOCAL ${idleSetting} = '${maxIdle}'` : first
  const { error } = await sendFirst(limited, (message) => {
    const batch = new MessageBatch(message)
    client.query(batch)
    return batch.answer
  })
  if (error !== undefined) throw error
}

const sqlState = /^[0-9A-Z]{5}$/

/** Whether the process, or a server that is still there, has decided: the connection is as good as before. */
function isRefusal(error: unknown): boolean {
  if (isContextError(error)) return error.code !== 'ERR_CONTEXT_DATABASE_UNAVAILABLE'
  // By the code: the server says how severe it is in the language of its messages.
  return sqlState.test(String((error as { readonly code?: unknown } | undefined)?.code)) && !isUnreachable(error)
}

/** The statement that waits, or the next one, is told of it, too. */
function ignore(): void {}
