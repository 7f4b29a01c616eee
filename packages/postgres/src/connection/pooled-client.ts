/**
 * Connections of a pool, to a server or to a pooler in front of it.
 *
 * A pooler in transaction mode gives each transaction one of its own connections to the server. A statement that one of
 * them has prepared is not there at the next, or is there already, by the same name.
 */
import pg from 'pg'

/** Connections to a server itself. */
const direct = new WeakSet<object>()

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
 * Finds out, once for a connection, who answers: a pooler gives its clients numbers of its own. For `verify`.
 *
 * @param timeMs - For the answer: whoever waits for the new connection waits for this too.
 */
export const askWhoAnswers = (client: pg.PoolClient, timeMs: number, done: (error?: Error) => void): void => {
  const { processID } = client as unknown as { readonly processID: number | null }
  // The types of the driver know the time of a statement of clients only.
  const bounds: object = { query_timeout: timeMs }
  const question: pg.QueryConfig = { text: 'SELECT pg_catalog.pg_backend_pid() AS pid', ...bounds }
  client.query<{ readonly pid: number }>(question, (error, answer) => {
    if (error === null && answer.rows[0]!.pid === processID) direct.add(client)
    done(error ?? undefined)
  })
}

function isNamed(statement: unknown): statement is { readonly name: string } {
  return typeof statement === 'object' && statement !== null && 'name' in statement
}
