import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asOwner } from '../../src/connection/as-owner.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()

describe('asOwner', () => {
  let pool: pg.Pool
  beforeAll(() => {
    pool = new pg.Pool({ ...toDriverConfig(database.service), max: 1 })
    pool.on('error', () => {})
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
})
