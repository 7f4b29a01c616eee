// What code of the app throws while a session works: in the parsers and the values of its statements, and its callback.
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import type { SessionStatement } from '../../src/session/user-session.ts'
import { contextOf, newPool, notesApp, titlesOf } from './notes-app.ts'

const app = notesApp()
const [alice, bob] = [contextOf('alice'), contextOf('bob')]
const ofTheApp = new Error('of the app')
const throwing = (): never => {
  throw ofTheApp
}
/** What a JSON has no form for: the driver throws before it sends. */
const unsent = { n: 1n }

describe('A parser of the app', () => {
  const ask = (types: unknown, text = 'SELECT 1 AS one'): Promise<unknown> =>
    withUserSession(alice, app.pool, (session) => session.query({ text, types } as SessionStatement), {
      timeoutMs: 5_000,
    })

  it.each([[{}], [null], ['types'], [{ getTypeParser: 'none' }]])('is refused as %o', async (types) => {
    await expect(ask(types)).rejects.toMatchObject({ issues: [{ path: 'types', kind: 'does not fit' }] })
  })

  it.each([
    ['is looked for', { getTypeParser: throwing }, undefined],
    ['is looked for, and no row comes', { getTypeParser: throwing }, 'SELECT 1 AS one WHERE false'],
    ['reads a value', { getTypeParser: () => throwing }, undefined],
  ])('that throws when it %s fails its statement, and no other user', async (_when, types, text) => {
    await expect(ask(types, text)).rejects.toBe(ofTheApp)
    expect(await titlesOf(bob, app.pool)).toEqual([])
  })

  it('of a pool that throws fails the statement, too', async () => {
    const types = { getTypeParser: (oid: number) => (oid === 2950 ? throwing() : pg.types.getTypeParser(oid)) }
    const pool = newPool(app.database, { types } as pg.PoolConfig)
    const asking = withUserSession(alice, pool, (session) => session.query('SELECT gen_random_uuid()'))
    await expect(asking).rejects.toBe(ofTheApp)
    await pool.end()
  })

  it('is called as a method of what was given, whatever else that has', async () => {
    class Parsers {
      readonly length = 3
      readonly #parse = (text: string): string => `<${text}>`
      getTypeParser(): unknown {
        return this.#parse
      }
    }
    expect(await ask(new Parsers())).toMatchObject({ rows: [{ one: '<1>' }] })
  })
})

describe('A statement whose values cannot be sent', () => {
  it('lets nothing be kept where its await was forgotten', async () => {
    const asking = withUserSession(alice, app.pool, async (session) => {
      session.query('INSERT INTO app.notes (title) VALUES ($1)', [unsent])
      await session.query(`INSERT INTO app.notes (title) VALUES ('half')`)
    })
    await expect(asking).rejects.toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_COMMIT',
      cause: expect.any(TypeError),
      message: expect.stringContaining('A statement failed before'),
    })
    expect(await titlesOf(alice, app.pool)).toEqual([])
  })

  it('is told as it is to whoever awaits it', async () => {
    const asking = withUserSession(alice, app.pool, (session) => session.query('SELECT $1', [unsent]))
    await expect(asking).rejects.toBeInstanceOf(TypeError)
  })
})

describe('A callback that throws', () => {
  it('is told as it is, also where the signal aborts meanwhile', async () => {
    const stop = new AbortController()
    const asking = withUserSession(
      alice,
      app.pool,
      async (session) => {
        await session.query('SELECT 1')
        // Behind the message with ROLLBACK, and before the answer to it.
        setImmediate(() => stop.abort(new Error('of the signal')))
        throw ofTheApp
      },
      { signal: stop.signal },
    )
    await expect(asking).rejects.toBe(ofTheApp)
    expect(await titlesOf(bob, app.pool)).toEqual([])
  })

  it('is told as it is, also where the server goes away meanwhile', async () => {
    const pool = newPool(app.database)
    const asking = withUserSession(alice, pool, async (session) => {
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const admin = new pg.Client(toDriverConfig(app.database.migrate) as pg.ClientConfig)
      await admin.connect()
      await admin.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])
      await admin.end()
      throw ofTheApp
    })
    await expect(asking).rejects.toBe(ofTheApp)
    await pool.end()
  })
})

describe('A connection that is lost while the login is looked at', () => {
  it('is a database that cannot be reached', async () => {
    const pool = newPool(app.database)
    pool.on('acquire', (client) =>
      setImmediate(() =>
        (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy(),
      ),
    )
    const asking = withUserSession(alice, pool, (session) => session.query('SELECT 1'))
    await expect(asking).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    await pool.end()
  })
})
