// Kysely over a user session: its queries are statements of the session, and it opens no transaction of its own.
import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { UserSession } from '../../src/session/user-session.ts'

/** A Kysely for as long as the session lives. */
export const kyselyOf = <Database>(session: UserSession): Kysely<Database> =>
  new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new SessionDriver(session),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })

class SessionDriver implements Driver {
  private readonly session: UserSession

  constructor(session: UserSession) {
    this.session = session
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const { session } = this
    return {
      executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
        const { rows, rowCount } = await session.query(sql, parameters)
        return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) }
      },
      streamQuery: () => {
        throw new Error('A session has no cursors: read in pages.')
      },
    }
  }

  async init(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
  beginTransaction = refuse
  commitTransaction = refuse
  rollbackTransaction = refuse
}

async function refuse(): Promise<never> {
  throw new Error('withUserSession() is the transaction.')
}
