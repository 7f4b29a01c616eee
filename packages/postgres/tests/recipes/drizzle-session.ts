// Drizzle over a user session: its queries are statements of the session, and it opens no transaction of its own.
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { UserSession } from '../../src/session/user-session.ts'

/** Drizzle parses dates by itself, from the text of the server. */
const asText = { getTypeParser: () => (text: unknown) => text }

/** A Drizzle for as long as the session lives. */
export const drizzleOf = (session: UserSession): PgRemoteDatabase =>
  drizzle(async (text, values, method) => {
    const { rows } = await session.query<unknown[]>({
      text,
      values: values as unknown[],
      ...(method === 'all' ? { rowMode: 'array' as const, types: asText } : {}),
    })
    return { rows }
  })
