/**
 * Connections of a pool, to a server or to a pooler in front of it.
 *
 * A pooler in transaction mode gives each transaction one of its own connections to the server. A statement that one of
 * them has prepared is not there at the next, or is there already, by the same name.
 */
import pg from 'pg'
import { ContextError } from 'user-execution-context'
import { findNames, keepNames } from './prepared-names.ts'

/** Connections to a server itself. */
const direct = new WeakSet<object>()

/** Whether a connection is known to be one to a server itself: one that has lost what it prepared may be another. */
export const isDirect = (client: object): boolean =>
  direct.has(client) && findNames((client as { readonly connection: pg.Connection }).connection) !== undefined

type Query = (...given: readonly unknown[]) => unknown

/** A connection on which statements keep their names only where the server itself answers. */
export class PooledClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    const send = this.query.bind(this) as unknown as Query
    const query: Query = (statement, ...rest) =>
      send(isNamed(statement) && !direct.has(this) ? { ...statement, name: undefined } : statement, ...rest)
    this.query = query as typeof this.query
  }
}

/**
 * Finds out, once for a connection, who answers: a pooler gives its clients numbers of its own. Refuses a login whose
 * single statements are transactions of another level than they are written for. For `verify`.
 *
 * @param timeMs - For the answer: whoever waits for the new connection waits for this too.
 */
export const askWhoAnswers = (client: pg.PoolClient, timeMs: number, done: (error?: Error) => void): void => {
  const { processID } = client as unknown as { readonly processID: number | null }
  // The types of the driver know the time of a statement of clients only.
  const bounds: object = { query_timeout: timeMs }
  const question: pg.QueryConfig = { text: whoSql, ...bounds }
  client.query<{ readonly pid: number; readonly level: string }>(question, (error, answer) => {
    if (error !== null) return done(error)
    const { pid, level } = answer.rows[0]!
    if (pid === processID) {
      direct.add(client)
      keepNames((client as unknown as { readonly connection: pg.Connection }).connection)
    }
    // A setting of the connection would not last: neither behind a pooler nor beyond the end of a user session.
    done(level === 'read committed' ? undefined : otherLevel())
  })
}

const whoSql = `SELECT pg_catalog.pg_backend_pid() AS pid,
  pg_catalog.current_setting('default_transaction_isolation') AS level`

function otherLevel(): ContextError {
  return new ContextError('ERR_CONTEXT_DATABASE_SCHEMA', {
    fix:
      'Transactions of the login begin at another level than the statements are written for: ' +
      "ALTER ROLE … IN DATABASE … SET default_transaction_isolation = 'read committed'.",
  })
}

function isNamed(statement: unknown): statement is { readonly name: string } {
  // What sends itself has no name that this could take from it.
  return typeof statement === 'object' && statement !== null && 'name' in statement && !('submit' in statement)
}
