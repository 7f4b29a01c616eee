/**
 * A database that cannot be reached, told apart from a statement that is wrong: the client is asked to come again
 * (503), and is not told that something broke (500).
 */
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { ContextError, isContextError } from 'user-execution-context'

/** SQLSTATE classes and codes: connection, server stops or starts, no connection or memory left. */
const unreachableState = /^(?:08|53|57P)/
/** What the driver and the socket say. */
const unreachableCode = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOENT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)/
const unreachableWords = /terminat|timeout|closed|not queryable|cannot use a pool|Client has encountered/i

/** What the driver says of a pool that this process itself has closed. */
const closedPool = 'Cannot use a pool after calling end on the pool'
const closedFix =
  'The pools of this process are closed. Call nothing after close() of openPostgres(), and close it last.'

/** Whether a statement was not sent, and never will be: its pool is closed. */
export const isOfClosedPool = (error: unknown): boolean =>
  (isContextError(error) ? (error.cause as Error | undefined) : (error as Error | undefined))?.message === closedPool

/** Whether the database was not there for a statement, or went away under it; it is not known whether it ran. */
export const isUnreachable = (error: unknown): boolean => {
  // Anything may be thrown, undefined too.
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'string') return unreachableState.test(code) || unreachableCode.test(code)
  return typeof message === 'string' && unreachableWords.test(message)
}

/** What the pool says when nobody gave back a connection in time. The driver has no code for it. */
const poolIsFull = 'timeout exceeded when trying to connect'
const fullPoolFix =
  'Every connection of the pool was in use. End what was cancelled (the option signal of withUserSession), keep ' +
  'transactions short, or raise maxConnections.'

const fixes: ReadonlyMap<string | undefined, string> = new Map([
  [poolIsFull, fullPoolFix],
  [closedPool, closedFix],
])

/** The error for a database that did not answer, or for a pool that had no connection free in time. */
export const unavailable = (cause: unknown): ContextError => {
  const fix = fixes.get((cause as Error | undefined)?.message)
  return new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', fix === undefined ? { cause } : { cause, fix })
}

/** What is thrown in place of an error of the driver: itself, where the database was there. */
export const toUnavailable = (error: unknown): unknown =>
  isContextError(error) || !isUnreachable(error) ? error : unavailable(error)

/** Asks one statement. @throws {ContextError} `ERR_CONTEXT_DATABASE_UNAVAILABLE`. */
export const queryDatabase = async <Row extends QueryResultRow>(
  client: Pool | PoolClient,
  statement: QueryConfig,
): Promise<QueryResult<Row>> => {
  try {
    return await client.query<Row>(statement)
  } catch (error) {
    throw toUnavailable(error)
  }
}
