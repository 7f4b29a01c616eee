import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asOwner } from '../../src/connection/as-owner.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { newOwnPool } from '../session/notes-app.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()

describe('asOwner', () => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = new pg.Pool({ ...toDriverConfig(database.service), max: 1 })
    pool.on('error', () => {})
    // A connection of the app, made before anything of this package saw the pool.
    await pool.query('SELECT 1')
  })
  afterAll(() => pool.end())
  const findProcess = async (client: pg.ClientBase): Promise<number> =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid

  it('rejects, and ends no process, when the server ends its connection between two statements', async () => {
    const broken = asOwner(pool, 'alice', async (client) => {
      const ended = new Promise((resolve) => client.once('end', resolve))
      await runAsAdmin(database.name, `SELECT pg_terminate_backend(${await findProcess(client)})`)
      await ended
      return client.query('SELECT 1')
    })
    await expect(broken).rejects.toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE',
      cause: { message: expect.stringContaining('not queryable') },
    })
    // The pool has made a new one, and the error of the old one has no listener left behind on it.
    const count = await asOwner(pool, 'alice', async (client) => client.listenerCount('error'))
    expect(await asOwner(pool, 'alice', async (client) => client.listenerCount('error'))).toBe(count)
  })

  it.each([[new Error('of the caller')], [undefined], [null], [''], [0]])(
    'hands nobody the transaction of an owner, and rejects with what was thrown, be it %j',
    async (thrown) => {
      const failed = asOwner(pool, 'alice', () => Promise.reject(thrown as Error))
      expect(await failed.catch((error: unknown) => [error])).toEqual([thrown])
      const { rows } = await pool.query("SELECT current_setting('uec.owner', true) AS owner")
      expect(rows[0].owner || null).toBeNull()
    },
  )

  it('goes on where somebody took from its connection what it had prepared', async () => {
    const own = newOwnPool(database)
    const ask = () => asOwner(own, 'alice', (client) => client.query('SELECT uec.owner(), pg_backend_pid() AS pid'))
    const before = (await ask()).rows
    await own.query('DISCARD ALL')
    expect((await ask()).rows.map(({ owner }) => owner)).toEqual(['alice'])
    expect((await ask()).rows).toHaveLength(1)
    if (inject('poolerHost') === inject('serverHost')) expect((await ask()).rows).toEqual(before)
    await own.end()
  })

  it('prepares nothing by a name behind a pooler, and once where the server itself answers', async () => {
    const own = newOwnPool(database)
    const ask = () =>
      asOwner(own, 'alice', (client) =>
        client.query("SELECT name FROM pg_prepared_statements WHERE name LIKE 'uec-%' AND NOT from_sql"),
      )
    for (let turn = 0; turn < 5; turn++) await ask()
    const isDirect = inject('poolerHost') === inject('serverHost')
    expect((await ask()).rows).toEqual(isDirect ? [{ name: 'uec-own' }] : [])
    await own.end()
  })
})
