// A statement that makes the id of its session longer by what it takes from the owner. Both together stay the same.
import { expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { contextOf, notesApp, titlesOf } from './notes-app.ts'

const app = notesApp()
const context = contextOf('mallory-bob')
const cut = toOwnerKey(context).length - 'bob'.length

it('keeps nothing of a transaction that has become the user whose id is the end of another', async () => {
  const become = `SELECT pg_catalog.set_config('uec.session', pg_catalog.concat(
      pg_catalog.current_setting('uec.session'), pg_catalog.left(pg_catalog.current_setting('uec.owner'), $1)), true),
    pg_catalog.set_config('uec.owner', pg_catalog.substr(pg_catalog.current_setting('uec.owner'), $1 + 1), true)`
  const writing = withUserSession(context, app.pool, async (session) => {
    await session.query(become, [cut])
    expect((await session.query('SELECT uec.owner() AS owner')).rows).toEqual([{ owner: 'bob' }])
    await session.query("INSERT INTO app.notes (title) VALUES ('of mallory')")
  })
  await expect(writing).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_SESSION' })
  expect(await titlesOf(context, app.pool)).toEqual([])
  const { rows } = await withUserSession(context, app.pool, (session) => session.query('SELECT 1 AS one'))
  expect(rows).toEqual([{ one: 1 }])
})
