// The programs of docs/guides with a query builder over a user session, run with their real libraries.
import { sql } from 'drizzle-orm'
import { interval, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import type { UserExecutionContext } from 'user-execution-context'
import { describe, expect, it } from 'vitest'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { contextOf, notesApp } from '../session/notes-app.ts'
import * as drizzle from './drizzle-session.ts'
import * as kysely from './kysely-session.ts'

const app = notesApp()
const builders = { Drizzle: drizzle, Kysely: kysely }

describe.each(Object.entries(builders))('%s over a user session', (name, { addNote, listNotes, renameNote }) => {
  const [alice, bob] = [contextOf(`alice-${name}`), contextOf(`bob-${name}`)]

  it('reads and writes the rows of its user, and no others', async () => {
    const users = [alice, bob]
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) =>
        addNote(users[index % 2]!, app.pool, `${index % 2 === 0 ? 'of alice' : 'of bob'} ${index}`),
      ),
    )
    for (const [context, own] of [[alice, 'of alice'] as const, [bob, 'of bob'] as const]) {
      const titles = (await listNotes(context, app.pool)).map(({ title }) => title)
      expect(titles).toHaveLength(20)
      expect(titles.filter((title) => !title.startsWith(own))).toEqual([])
    }
  })

  it("changes nothing of another user's, and of its own what was asked for", async () => {
    await addNote(alice, app.pool, 'mine')
    const before = await listNotes(alice, app.pool)
    await expect(renameNote(bob, app.pool, 'mine', 'taken')).resolves.toEqual([])
    await expect(renameNote(alice, app.pool, 'mine', 'kept')).resolves.toEqual([{ title: 'kept' }])
    const after = (await listNotes(alice, app.pool)).map(({ title }) => (title === 'kept' ? 'mine' : title))
    expect(after.sort()).toEqual(before.map(({ title }) => title).sort())
  })

  it('passes what a user wrote as a value', async () => {
    const carol = contextOf(`carol-${name}`)
    const hostile = `'); DELETE FROM app.notes; -- $1 "x" \\`
    await addNote(carol, app.pool, hostile)
    await expect(renameNote(carol, app.pool, hostile, `${hostile}!`)).resolves.toEqual([{ title: `${hostile}!` }])
    await expect(listNotes(carol, app.pool)).resolves.toEqual([{ title: `${hostile}!` }])
  })

  it('takes no copy of a context, in any of its functions', async () => {
    const copy = { ...alice } as unknown as UserExecutionContext
    const refused = { code: 'ERR_CONTEXT_NOT_ISSUED' }
    await expect(addNote(copy, app.pool, 'forged')).rejects.toMatchObject(refused)
    await expect(renameNote(copy, app.pool, 'kept', 'forged')).rejects.toMatchObject(refused)
    await expect(listNotes(copy, app.pool)).rejects.toMatchObject(refused)
  })
})

describe('drizzleOf', () => {
  const asDrizzle = <Result>(use: (database: ReturnType<typeof drizzle.drizzleOf>) => Promise<Result>) =>
    withUserSession(contextOf('of-drizzle'), app.pool, (session) => use(drizzle.drizzleOf(session)))

  // Whatever the time zone of this process: what the driver had parsed has lost its microseconds, and its form.
  it('gives Drizzle what the server wrote as text, which it parses by itself', async () => {
    const { at, exact, long, words } = pgTable('times', {
      at: timestamp('at'),
      exact: timestamp('exact', { mode: 'string' }),
      long: interval('long'),
      words: text('words'),
    })
    const time = () => sql`timestamp '2026-01-02 03:04:05.123456'`
    const [found] = await asDrizzle((database) =>
      database
        .select({
          at: time().mapWith(at),
          exact: time().mapWith(exact),
          long: sql`interval '90 minutes'`.mapWith(long),
          words: sql`'a'`.mapWith(words),
        })
        .from(sql`(SELECT 1) AS one`),
    )
    expect(found).toEqual({
      at: new Date('2026-01-02T03:04:05.123Z'),
      exact: '2026-01-02 03:04:05.123456',
      long: '01:30:00',
      words: 'a',
    })
  })

  it('has no transaction of its own', async () => {
    const opened = asDrizzle(async (database) => database.transaction(async () => 1))
    await expect(opened).rejects.toThrow(/not supported/i)
  })
})

describe('kyselyOf', () => {
  const asKysely = <Result>(use: (database: ReturnType<typeof kysely.kyselyOf>) => Promise<Result>) =>
    withUserSession(contextOf('of-kysely'), app.pool, (session) => use(kysely.kyselyOf(session)))

  it('opens no transaction of its own', async () => {
    const database = kysely.kyselyOf({ query: () => Promise.reject(new Error('A statement was sent')) })
    await expect(database.transaction().execute(async () => 1)).rejects.toThrow('is the transaction')
  })

  it('has no cursors', async () => {
    const read = asKysely(async (database) => {
      for await (const { title } of database.selectFrom('app.notes').select('title').stream()) return title
      return undefined
    })
    await expect(read).rejects.toThrow('read in pages')
  })

  it('says how many rows a statement has changed', async () => {
    const { numUpdatedRows } = await asKysely(async (database) => {
      for (const title of ['one', 'two']) await database.insertInto('app.notes').values({ title }).execute()
      const update = database.updateTable('app.notes').set(({ eb }) => ({ title: eb('title', '||', '!') as never }))
      return update.executeTakeFirst()
    })
    expect(numUpdatedRows).toBe(2n)
  })
})
