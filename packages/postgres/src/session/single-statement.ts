/**
 * One statement of a session, by the extended protocol: it takes one statement, with or without values.
 */
import pg from 'pg'
import { longestMs } from '../connection/message-batch.ts'
import { inOnePacket } from '../connection/one-packet.ts'

/** A statement as the driver takes it, without a name. */
export type SingleStatement = {
  readonly text: string
  readonly values: unknown[]
  readonly rowMode: unknown
  readonly types: unknown
}

/** Asks, and waits for as long as the session may take, which may be longer than what the pool gives a statement. */
export const askOne = async (client: pg.PoolClient, statement: SingleStatement): Promise<pg.QueryResult> => {
  // What the app throws while the driver reads its columns would be thrown at the socket, and end the process.
  let thrown: { readonly error: unknown } | undefined
  try {
    return await new Promise((resolve, reject) => {
      const query = toQuery(statement, (error) => void (thrown ??= { error }))
      query.callback = (error, answer) =>
        thrown !== undefined ? reject(thrown.error) : error ? reject(error) : resolve(answer!)
      client.query(query)
    })
  } catch (error) {
    // From here it leads to the caller, and not to the socket.
    if (thrown === undefined && error instanceof Error) Error.captureStackTrace(error)
    throw error
  }
}

function toQuery({ text, values, rowMode, types }: SingleStatement, note: (error: unknown) => void): ExtendedQuery {
  const isPlain = rowMode === undefined && types === undefined
  // The driver copies a configuration with care, and at a price.
  const query = (isPlain
    ? new pg.Query(text, values)
    : new pg.Query({ text, values, rowMode, types } as pg.QueryConfig)) as unknown as ExtendedQuery
  const { submit, handleRowDescription } = query
  query.submit = (connection) => inOnePacket(connection, (gathering) => submit.call(query, gathering))
  query.handleRowDescription = (message) => {
    try {
      handleRowDescription.call(query, message)
    } catch (error) {
      note(error)
    }
  }
  query.queryMode = 'extended'
  query.query_timeout = longestMs
  return query
}

/** The names are the driver's. */
type ExtendedQuery = pg.Submittable & {
  queryMode: 'extended'
  query_timeout: number
  handleRowDescription: (message: unknown) => void
  callback: (error: Error | undefined, answer?: pg.QueryResult) => void
}
