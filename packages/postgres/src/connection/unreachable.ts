/**
 * A database that cannot be reached, told apart from a statement that is wrong: the client is asked to come again
 * (503), and is not told that something broke (500).
 */
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import { ContextError, isContextError } from 'user-execution-context'
import { findFix } from './refusals.ts'
import { throwOf } from './shard-pool.ts'

/**
 * SQLSTATE classes and codes: connection, login, database, server stops or starts, no connection or memory left, a
 * transaction that was idle, or open, for too long.
 */
const unreachableState = /^(?:08|25P0[34]|28|3D000|53|57P)/
/** What the socket and the resolver say. */
const unreachableCode =
  /^(?:ECONN|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EAI_|EACCES)/
/** What TLS says. */
const ofTls = /^EPROTO$|^ERR_(?:SSL|TLS)_|^UNABLE_TO_|CERT/
const unreachableWords =
  /terminat|timeout|closed|not queryable|cannot use a pool|Client has encountered|SSL connection|^SASL/i

/** What the driver says of a pool that this process itself has closed. */
const closedPool = 'Cannot use a pool after calling end on the pool'

/** Whether a statement was not sent, and never will be: its pool is closed. */
export const isOfClosedPool = (error: unknown): boolean =>
  (isContextError(error) ? (error.cause as Error | undefined) : (error as Error | undefined))?.message === closedPool

/** Whether the database was not there for a statement, or went away under it; it is not known whether it ran. */
export const isUnreachable = (error: unknown): boolean => {
  // Anything may be thrown, undefined too.
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const words = typeof message === 'string' ? message : ''
  if (typeof code !== 'string') return unreachableWords.test(words)
  // A database that lets nobody in has the SQLSTATE of other faults, too.
  if (code === '55000') return words.includes('not currently accepting connections')
  return [unreachableState, unreachableCode, ofTls].some((each) => each.test(code))
}

/** The error for a database that did not answer or let nobody in, or for a pool that had no connection free in time. */
export const unavailable = (cause: unknown): ContextError => {
  const fix = findFix(cause)
  return new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', fix === undefined ? { cause } : { cause, fix })
}

/** What is thrown in place of an error of the driver: itself, where the database was there. */
export const toUnavailable = (error: unknown): unknown =>
  isContextError(error) || !isUnreachable(error) ? error : unavailable(error)

/** What is thrown for a connection that was not made, whatever it was refused for. */
export const toRefusal = (error: unknown): unknown => (isContextError(error) ? error : unavailable(error))

/** Asks one statement. @throws {ContextError} `ERR_CONTEXT_DATABASE_UNAVAILABLE`. */
export const queryDatabase = async <Row extends QueryResultRow>(
  client: Pool | PoolClient,
  statement: QueryConfig,
): Promise<QueryResult<Row>> => {
  try {
    return await client.query<Row>(statement)
  } catch (error) {
    return throwOf(client, toUnavailable(error))
  }
}
