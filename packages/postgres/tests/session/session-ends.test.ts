// A session that is ended from outside: by a signal, by the end of the identity, by its time.
import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import { toOwnerPolicy } from '../../src/policies/owner-policy.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { addNote, contextOf, newOwnPool, newPool, notesApp, titlesOf } from './notes-app.ts'

const app = notesApp()
const [alice, bob] = [contextOf('alice'), contextOf('bob')]
const failureOf = (asking: Promise<unknown>): Promise<unknown> =>
  asking.then(
    () => 'no failure',
    (reason) => reason,
  )

/** How many statements of the app the server runs: of whoever asks, the connection has no name. */
const countRunning = async (words: string): Promise<unknown> => {
  const rows = await queryAsAdmin(
    app.database.name,
    `SELECT count(*)::int AS running FROM pg_stat_activity
      WHERE datname = current_database() AND usename <> 'uec_admin' AND state = 'active' AND query ~ '${words}'`,
  )
  return rows[0]!['running']
}
const expectRunning = (count: number, words = 'pg_sleep') =>
  expect.poll(() => countRunning(words), { timeout: 20_000 }).toBe(count)
const signIn = async () => {
  const sessions = liveSessions({ maxProofMs: 60_000 })
  const verify = () => ({ userId: 'dave', sessionId: 's', issuedAtMs: Date.now(), expiresAtMs: Date.now() + 50_000 })
  const context = createForUser(await identityProvider({ name: 'tokens', sessions, verify })('token'))
  return { context, sessions }
}

describe('withUserSession with a signal', () => {
  it.each([
    ['an error', new Error('The run was cancelled.')],
    ['null', null],
    ['a text', 'cancelled'],
  ])(
    'ends with its reason, %s, keeps nothing, and leaves the only connection to the next user',
    async (_title, reason) => {
      const stop = new AbortController()
      const working = withUserSession(
        alice,
        app.pool,
        async (session) => {
          await session.query(`INSERT INTO app.notes (title) VALUES ('half')`)
          await session.query('SELECT pg_sleep(60)')
        },
        { signal: stop.signal },
      )
      await expectRunning(1)
      stop.abort(reason)
      expect(await failureOf(working)).toBe(reason)
      expect(await titlesOf(bob, app.pool)).toEqual([])
      expect(await titlesOf(alice, app.pool)).toEqual([])
      expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    },
  )

  it('waits for no connection any more, and gives back the one that comes late', async () => {
    const pool = newPool(app.database)
    const taken = await pool.connect()
    const stop = new AbortController()
    const waiting = withUserSession(alice, pool, () => 1, { signal: stop.signal })
    stop.abort()
    expect(await failureOf(waiting)).toBe(stop.signal.reason)
    taken.release()
    expect(await withUserSession(bob, pool, () => 2)).toBe(2)
    await pool.end()
  })

  it('takes no connection where it has aborted before', async () => {
    const pool = { connect: () => Promise.reject(new Error('A connection was taken.')) }
    const signal = AbortSignal.abort('before')
    expect(await failureOf(withUserSession(alice, pool, () => 1, { signal }))).toBe('before')
  })

  it('waits for a COMMIT that is on its way', async () => {
    const stop = new AbortController()
    const writing = withUserSession(
      alice,
      app.pool,
      async (session) => {
        await session.query(`INSERT INTO app.notes (title) VALUES ('whole')`)
        // Behind the message with COMMIT, and before the answer to it.
        setImmediate(() => stop.abort())
        return 'written'
      },
      { signal: stop.signal },
    )
    expect(await writing).toBe('written')
    expect(stop.signal.aborted).toBe(true)
    expect(await titlesOf(alice, app.pool)).toEqual(['whole'])
  })

  it('leaves no listener on a signal that goes on', async () => {
    const { signal } = new AbortController()
    await withUserSession(alice, app.pool, () => 1, { signal })
    await failureOf(withUserSession(alice, app.pool, () => Promise.reject(new Error('no')), { signal }))
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it.each([[{}], [true], ['abort'], [new AbortController()]])('refuses %o', async (signal) => {
    const asking = withUserSession(alice, app.pool, () => 1, { signal: signal as unknown as AbortSignal })
    expect(await failureOf(asking)).toMatchObject({ issues: [{ path: 'signal', kind: 'not an abort signal' }] })
  })
})

describe('The server ends the statement of a session that has ended', () => {
  const sleep = (context = alice, options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
    failureOf(withUserSession(context, app.pool, (session) => session.query('SELECT pg_sleep(600)'), options))

  it('by a signal', async () => {
    const stop = new AbortController()
    const asking = sleep(alice, { signal: stop.signal, timeoutMs: 600_000 })
    await expectRunning(1)
    stop.abort()
    await asking
    await expectRunning(0)
  })

  it('by a signal, on a connection of our own pools, which keeps the plan of its beginning', async () => {
    const pool = newOwnPool(app.database)
    const stop = new AbortController()
    const asking = failureOf(
      withUserSession(alice, pool, (session) => session.query('SELECT pg_sleep(600)'), {
        signal: stop.signal,
        timeoutMs: 600_000,
      }),
    )
    await expectRunning(1)
    stop.abort()
    await asking
    await expectRunning(0)
    await pool.end()
  })

  it('by the end of the identity', async () => {
    const { context, sessions } = await signIn()
    const asking = sleep(context, { timeoutMs: 600_000 })
    await expectRunning(1)
    await sessions.revoke({ session: context })
    expect(await asking).toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    await expectRunning(0)
  })
})

describe('withUserSession whose COMMIT is not answered', () => {
  // The server commits, and then waits: the answer comes after the time of the session.
  const commitSlowly = (context = alice, options: { timeoutMs?: number } = {}) =>
    failureOf(
      withUserSession(
        context,
        app.pool,
        async (session) => {
          await session.query(`INSERT INTO app.slow_notes (title) VALUES ('slow')`)
        },
        options,
      ),
    )
  beforeAll(() =>
    runAsAdmin(
      app.database.name,
      `CREATE TABLE app.slow_notes (owner_key text COLLATE "C" NOT NULL, title text NOT NULL)`,
      toOwnerPolicy({ schema: 'app', table: 'slow_notes' }),
      'GRANT SELECT, INSERT ON app.slow_notes TO uec_service',
      `CREATE FUNCTION app.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END'`,
      `CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON app.slow_notes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION app.wait()`,
    ),
  )

  it('says that it is not known, with the time that is over as the cause', async () => {
    const failure = await commitSlowly(alice, { timeoutMs: 1_000 })
    expect(failure).toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_COMMIT',
      cause: { code: 'ERR_CONTEXT_DATABASE_TIMEOUT' },
    })
  })

  it('says that it is not known, with the end of the identity as the cause', async () => {
    // Behind a pooler the COMMIT of the test before goes on without its client.
    await expectRunning(0, 'COMMIT')
    const { context, sessions } = await signIn()
    const failing = commitSlowly(context)
    await expectRunning(1, 'COMMIT')
    await sessions.revoke({ session: context })
    expect(await failing).toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_COMMIT',
      cause: { code: 'ERR_CONTEXT_IDENTITY_REVOKED' },
    })
  })
})

describe('withUserSession on a pool that gives a statement less time than the session has', () => {
  const pool = newPool(app.database, { query_timeout: 300 })
  afterAll(() => pool.end())

  it('waits for a statement as long as the session may take', async () => {
    const { rows } = await withUserSession(alice, pool, (session) => session.query('SELECT 1 AS one FROM pg_sleep(1)'))
    expect(rows).toEqual([{ one: 1 }])
  })

  it('waits for its COMMIT as long', async () => {
    await withUserSession(alice, pool, (session) =>
      session.query(`INSERT INTO app.slow_notes (title) VALUES ('slow and kept')`),
    )
    const { rows } = await withUserSession(alice, pool, (session) =>
      session.query(`SELECT title FROM app.slow_notes WHERE title = 'slow and kept'`),
    )
    expect(rows).toHaveLength(1)
  })
})

describe('withUserSession and a pool whose connections are all in use', () => {
  const pool = newPool(app.database, { connectionTimeoutMillis: 2_000 })
  afterAll(() => pool.end())

  it('says so, and not that the database is away', async () => {
    const taken = await pool.connect()
    const failure = await failureOf(withUserSession(alice, pool, () => 1))
    taken.release()
    expect(failure).toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    expect(String(failure)).toContain('Every connection of the pool was in use.')
    await addNote(bob, pool, 'after')
    await runAsAdmin(app.database.name, 'DELETE FROM app.notes')
  })
})
