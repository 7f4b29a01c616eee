import { PrismaPg } from '@prisma/adapter-pg'
import { Pool, type QueryConfig } from 'pg'
import type { UserExecutionContext } from 'user-execution-context'
import { withUserSession, type SessionPool, type UserSession } from '@user-execution-context/postgres'
import { PrismaClient } from '../generated/client.ts'

/** What Prisma takes for its pool. Its statements go to the session, and it has no connection of its own. */
class PoolOfSession extends Pool {
  constructor(session: UserSession) {
    // Nobody is there: where pg is installed twice, Prisma takes this for settings, and opens a pool of its own.
    super({ host: '/dev/null', max: 1 })
    this.query = (({ text, values, rowMode, types }: QueryConfig & { rowMode: 'array' }) =>
      session.query({ text, values, rowMode, types })) as Pool['query']
    this.connect = () =>
      Promise.reject(new Error('withUserSession() is the transaction. Call no $transaction() in it.'))
  }
}

/** A Prisma for as long as the session lives. Its queries are statements of the session. */
export const prismaOf = (session: UserSession) =>
  new PrismaClient({ adapter: new PrismaPg(new PoolOfSession(session)) })

export const addNote = (context: UserExecutionContext, pool: SessionPool, title: string) =>
  withUserSession(context, pool, (session) => prismaOf(session).note.create({ data: { title } }))

export const renameNote = (context: UserExecutionContext, pool: SessionPool, from: string, title: string) =>
  withUserSession(context, pool, (session) =>
    prismaOf(session).note.updateManyAndReturn({ where: { title: from }, data: { title }, select: { title: true } }),
  )

export const listNotes = (context: UserExecutionContext, pool: SessionPool) =>
  withUserSession(context, pool, (session) =>
    prismaOf(session).note.findMany({ select: { title: true }, orderBy: { title: 'asc' } }),
  )
