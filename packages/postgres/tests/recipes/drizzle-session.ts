import { eq } from 'drizzle-orm'
import { pgSchema, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { UserExecutionContext } from 'user-execution-context'
import { withUserSession, type SessionPool, type UserSession } from '@user-execution-context/postgres'

const notes = pgSchema('app').table('notes', { title: text('title').notNull() })
/** Drizzle parses dates by itself, from the text of the server. */
const asText = { getTypeParser: () => (given: unknown) => given }

/** A Drizzle for as long as the session lives. Its queries are statements of the session. */
export const drizzleOf = (session: UserSession) =>
  drizzle(async (sql, values, method) => {
    const { rows } = await session.query<unknown[]>({
      text: sql,
      values,
      ...(method === 'all' ? { rowMode: 'array' as const, types: asText } : {}),
    })
    return { rows }
  })

export const addNote = (context: UserExecutionContext, pool: SessionPool, title: string) =>
  withUserSession(context, pool, (session) => drizzleOf(session).insert(notes).values({ title }))

export const renameNote = (context: UserExecutionContext, pool: SessionPool, from: string, title: string) =>
  withUserSession(context, pool, async (session) =>
    drizzleOf(session).update(notes).set({ title }).where(eq(notes.title, from)).returning(),
  )

export const listNotes = (context: UserExecutionContext, pool: SessionPool) =>
  withUserSession(context, pool, async (session) => drizzleOf(session).select().from(notes).orderBy(notes.title))
