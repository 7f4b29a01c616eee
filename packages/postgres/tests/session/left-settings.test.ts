// What a session leaves on its connection that RESET ALL does not touch.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { contextOf, newPool, notesApp } from './notes-app.ts'

const app = notesApp()
const [alice, bob] = [contextOf('alice'), contextOf('bob')]
const login = `left_${process.pid}`
let pool: pg.Pool
beforeAll(async () => {
  await runAsAdmin(app.database.name, `CREATE ROLE ${login} LOGIN IN ROLE uec_service`)
  pool = new pg.Pool({ ...toDriverConfig({ ...app.database.migrate, user: login }), max: 1 })
})
afterAll(async () => {
  await pool.end()
  await runAsAdmin(app.database.name, `DROP ROLE ${login}`)
})

describe('The connection of a session comes to the next user', () => {
  it('in the role of the login', async () => {
    const who = { text: 'SELECT current_user::text AS role', rowMode: 'array' } as const
    await withUserSession(alice, pool, async (session) => {
      await session.query(`SELECT set_config('role', 'uec_service', false)`)
      await session.query(`SELECT set_config('role', 'none', true)`)
    })
    expect((await withUserSession(bob, pool, (session) => session.query(who))).rows).toEqual([[login]])
    expect((await pool.query(who)).rows).toEqual([[login]])
  })

  it.each([
    ['kept', (): void => {}],
    [
      'rolled back',
      (): never => {
        throw new Error('of the app')
      },
    ],
  ])('with random numbers that the user before, whose session was %s, has not chosen', async (_title, end) => {
    const own = newPool(app.database)
    const drawAfterSeed = async (): Promise<unknown> => {
      await withUserSession(alice, own, async (session) => {
        await session.query('SELECT setseed(0.25)')
        end()
      }).catch(() => undefined)
      const draw = 'SELECT random() AS drawn, pg_backend_pid() AS pid'
      return (await withUserSession(bob, own, (session) => session.query(draw))).rows[0]
    }
    const [one, other] = [await drawAfterSeed(), await drawAfterSeed()] as { drawn: number; pid: number }[]
    expect(one!.pid).toBe(other!.pid)
    expect(one!.drawn).not.toBe(other!.drawn)
    await own.end()
  })

  it('and there is no other setting that a session may change and RESET ALL leaves', async () => {
    // Those of a transaction end with it. The role and the seed are not listed.
    const rows = await queryAsAdmin(
      app.database.name,
      `SELECT name FROM pg_settings WHERE context = 'user'
        AND pg_settings_get_flags(name) @> '{NO_RESET_ALL}' ORDER BY name`,
    )
    expect(rows.map(({ name }) => name)).toEqual(
      ['deferrable', 'isolation', 'read_only'].map((each) => `transaction_${each}`),
    )
  })
})
