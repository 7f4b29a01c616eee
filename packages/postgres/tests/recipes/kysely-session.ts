import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Driver } from 'kysely'
import type { UserExecutionContext } from 'user-execution-context'
import { withUserSession, type SessionPool, type UserSession } from '@user-execution-context/postgres'

type Database = { readonly 'app.notes': { title: string } }

const refuse = async (): Promise<never> => {
  throw new Error('withUserSession() is the transaction.')
}

/** Its queries are statements of the session, and it opens no transaction of its own. */
const driverOf = (session: UserSession): Driver => {
  const connection: DatabaseConnection = {
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery) => {
      const { rows, rowCount } = await session.query(sql, parameters)
      return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) }
    },
    streamQuery: () => {
      throw new Error('A session has no cursors: read in pages.')
    },
  }
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
  }
}

/** A Kysely for as long as the session lives. */
export const kyselyOf = (session: UserSession) =>
  new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOf(session),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })

export const addNote = (context: UserExecutionContext, pool: SessionPool, title: string) =>
  withUserSession(context, pool, (session) => kyselyOf(session).insertInto('app.notes').values({ title }).execute())

export const renameNote = (context: UserExecutionContext, pool: SessionPool, from: string, title: string) =>
  withUserSession(context, pool, (session) =>
    kyselyOf(session).updateTable('app.notes').set({ title }).where('title', '=', from).returning('title').execute(),
  )

export const listNotes = (context: UserExecutionContext, pool: SessionPool) =>
  withUserSession(context, pool, (session) =>
    kyselyOf(session).selectFrom('app.notes').select('title').orderBy('title').execute(),
  )
