// The recipes of docs/postgres.md, run.
import { eq } from 'drizzle-orm'
import { pgSchema, text } from 'drizzle-orm/pg-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { addNote, contextOf, notesApp } from '../session/notes-app.ts'
import { drizzleOf } from './drizzle-session.ts'
import { kyselyOf } from './kysely-session.ts'

const app = notesApp()
const alice = contextOf('alice')
const bob = contextOf('bob')

beforeAll(() => addNote(bob, app.pool, 'of bob'))

describe('Kysely over a user session', () => {
  type Database = { readonly 'app.notes': { title: string } }

  it('reads and writes the rows of the user, and opens no transaction of its own', async () => {
    const titles = await withUserSession(alice, app.pool, async (session) => {
      const database = kyselyOf<Database>(session)
      await database.insertInto('app.notes').values({ title: 'by Kysely' }).execute()
      await expect(database.transaction().execute(async () => 1)).rejects.toThrow('is the transaction')
      return database.selectFrom('app.notes').select('title').where('title', 'like', '%Kysely').execute()
    })
    expect(titles).toEqual([{ title: 'by Kysely' }])
    const others = await withUserSession(bob, app.pool, (session) =>
      kyselyOf<Database>(session).selectFrom('app.notes').select('title').execute(),
    )
    expect(others).toEqual([{ title: 'of bob' }])
  })
})

describe('Drizzle over a user session', () => {
  const notes = pgSchema('app').table('notes', { title: text('title').notNull() })

  it('reads and writes the rows of the user, and opens no transaction of its own', async () => {
    const titles = await withUserSession(alice, app.pool, async (session) => {
      const database = drizzleOf(session)
      await database.insert(notes).values({ title: 'by Drizzle' })
      return database.select().from(notes).where(eq(notes.title, 'by Drizzle'))
    })
    expect(titles).toEqual([{ title: 'by Drizzle' }])
    const others = await withUserSession(bob, app.pool, (session) => drizzleOf(session).select().from(notes))
    expect(others).toEqual([{ title: 'of bob' }])
  })
})
