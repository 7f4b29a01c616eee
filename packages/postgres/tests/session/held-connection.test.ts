// What a session takes from a pool of the app, and what it leaves there.
import type pg from 'pg'
import { toOwnerKey } from 'user-execution-context'
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { runAsAdmin } from '../test-database.ts'
import { addNote, contextOf, newOwnPool, newPool, notesApp, titlesOf } from './notes-app.ts'

const app = notesApp()
const alice = contextOf('alice')
const bob = contextOf('bob')
let pool: pg.Pool
beforeAll(() => addNote(bob, app.pool, 'of bob'))
afterEach(() => pool.end())

/** Does something with the connection of the pool, which keeps it. */
const withClient = async (act: (client: pg.PoolClient) => unknown): Promise<void> => {
  const client = await pool.connect()
  await act(client)
  client.release()
}

describe('withUserSession on a driver that does not know whether a transaction is open', () => {
  it('refuses the transaction that somebody left open, keeps nothing of it, and takes another connection', async () => {
    pool = newPool(app.database)
    await withClient(async (client) => {
      Object.assign(client, { getTransactionStatus: undefined })
      await client.query('BEGIN')
      await client.query(`SELECT set_config('uec.owner', $1, true)`, [toOwnerKey(alice)])
      await client.query(`INSERT INTO app.notes (title) VALUES ('left open by alice')`)
    })
    let isRun = false
    const asking = withUserSession(bob, pool, () => {
      isRun = true
    })
    await expect(asking).rejects.toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_SESSION',
      message: expect.stringContaining('Somebody left a transaction open') as string,
    })
    expect(isRun).toBe(false)
    expect(await titlesOf(bob, pool)).toEqual(['of bob'])
    expect(await titlesOf(alice, pool)).toEqual([])
  })
})

describe('withUserSession on a connection that was made before', () => {
  it.each(['a session that commits', 'a session that fails'])('leaves no listener on it: %s', async (how) => {
    pool = newPool(app.database)
    const count = async (): Promise<readonly number[]> => {
      let counts: readonly number[] = []
      await withClient((client) => (counts = ['error', 'notice'].map((event) => client.listenerCount(event))))
      return counts
    }
    const ask = () =>
      withUserSession(bob, pool, (session) => session.query(how.endsWith('fails') ? 'SELECT 1 / 0' : 'SELECT 1'))
    await ask().catch(() => undefined)
    const before = await count()
    for (let times = 0; times < 3; times++) await ask().catch(() => undefined)
    expect(await count()).toEqual(before)
  })

  it('is told by its next statement that the server has ended it, and the process goes on', async () => {
    pool = newPool(app.database)
    // Nobody has told this pool to give its connections a listener.
    await withClient((client) => client.query('SELECT 1'))
    const asking = withUserSession(bob, pool, async (session) => {
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const client = (pool as unknown as { readonly _clients: readonly pg.Client[] })._clients[0]!
      const ended = new Promise((resolve) => client.once('end', resolve))
      await runAsAdmin(app.database.name, `SELECT pg_terminate_backend(${rows[0]!.pid})`)
      await ended
      await session.query('SELECT 1')
    })
    await expect(asking).rejects.toThrow(/not queryable|terminat|Connection/)
    expect(await titlesOf(bob, pool)).toEqual(['of bob'])
  })
})

describe('the COMMIT of withUserSession', () => {
  // A pooler sends each message to whichever connection to the server is free.
  it.each([
    ['brings along what ends all else, where a pooler may be in between', newPool, true],
    ['is answered before what ends all else, where the server itself answers', newOwnPool, false],
  ] as const)('%s', async (_title, open, isTogether) => {
    pool = open(app.database)
    await titlesOf(bob, pool)
    const texts: unknown[] = []
    await withClient((client) => {
      const query = client.query as Function
      client.query = ((...given: readonly unknown[]) => {
        texts.push((given[0] as { readonly message?: unknown }).message)
        return query.apply(client, given) as unknown
      }) as typeof client.query
    })
    await titlesOf(bob, pool)
    const last = texts.find((text) => typeof text === 'string' && text.includes('COMMIT'))
    // The suite also runs with a pooler in front of every pool.
    expect(String(last).includes('leave_session')).toBe(isTogether || inject('poolerHost') !== inject('serverHost'))
  })
})
