import pg from 'pg'
import {
  assertOwned,
  createForUser,
  identityProvider,
  liveSessions,
  toLogFields,
  type UserExecutionContext,
} from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { runWithContext } from 'user-execution-context/ambient'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import type { UserSession } from '../../src/session/user-session.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { queryAsAdmin, loginOf, runAsAdmin } from '../test-database.ts'
import { addNote, contextOf, newPool, notesApp, titlesOf } from './notes-app.ts'

const app = notesApp()
const alice = contextOf('alice')
const bob = contextOf('bob')

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { readonly code?: string }).code,
  )

describe('withUserSession', () => {
  it('keeps the rows of each user to that user, with an owner that the database fills in', async () => {
    await addNote(alice, app.pool, 'of alice')
    await addNote(bob, app.pool, 'of bob')
    expect(await titlesOf(alice, app.pool)).toEqual(['of alice'])
    const stolen = withUserSession(bob, app.pool, (session) =>
      session.query('INSERT INTO app.notes (owner_key, title) VALUES ($1, $2)', ['vouched:alice', 'by bob']),
    )
    expect(await codeOf(stolen)).toBe('42501')
  })

  it('tells the database who the user is, of which tenant, and what they may do', async () => {
    const signIn = identityProvider({
      name: 'tokens',
      verify: (_token: string) => ({ userId: 'carol', tenantId: 'tenant-1', permissions: ['notes:read', 'a{b}?c'] }),
    })
    const context = createForUser(await signIn('token'))
    const { rows } = await withUserSession(context, app.pool, (session) =>
      session.query(
        `SELECT uec.owner(), uec.tenant(), uec.has_permission('notes:read') AS reads,
        uec.has_permission($1) AS quoted, uec.has_permission('notes:write') AS writes`,
        ['a{b}?c'],
      ),
    )
    expect(rows).toEqual([
      { owner: 'tokens:tenant-1:carol', tenant: 'tenant-1', reads: true, quoted: true, writes: false },
    ])
  })

  it('gives rows as lists, with parsers of the caller, where that is asked', async () => {
    const types = { getTypeParser: () => (text: unknown) => `text ${text as string}` }
    const answer = await withUserSession(alice, app.pool, (session) =>
      session.query({ text: 'SELECT $1::int AS one, 2 AS two', values: [1], rowMode: 'array', types }),
    )
    expect(answer).toMatchObject({ rows: [['text 1', 'text 2']], rowCount: 1, command: 'SELECT' })
    expect(answer.fields.map(({ name }) => name)).toEqual(['one', 'two'])
  })

  it('writes the correlation id into each statement, and no user id', async () => {
    const { rows } = await withUserSession(alice, app.pool, (session) =>
      session.query<{ query: string }>('SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()'),
    )
    expect(rows[0]!.query).toContain(`/* correlation ${toLogFields(alice).correlationId} */ SELECT`)
    expect(rows[0]!.query).not.toContain('alice')
  })

  it('takes an isolation level, and refuses changes to what only reads', async () => {
    const level = await withUserSession(
      alice,
      app.pool,
      (session) => session.query('SELECT current_setting($1) AS level', ['transaction_isolation']),
      { isolation: 'serializable' },
    )
    expect(level.rows).toEqual([{ level: 'serializable' }])
    const writing = withUserSession(alice, app.pool, (session) => session.query('DELETE FROM app.notes'), {
      readOnly: true,
    })
    expect(await codeOf(writing)).toBe('25006')
  })

  it.each([
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['isolation', { isolation: 'READ COMMITTED; DROP TABLE app.notes' }],
    ['readOnly', { readOnly: 'yes' }],
    ['timeout', { timeout: 5 }],
  ])('refuses the option %s: %o', async (path, options) => {
    const opening = withUserSession(alice, app.pool, () => 1, options as object)
    await expect(opening).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [expect.objectContaining({ path }) as object],
    })
  })

  it.each([
    ['a statement that is no text', 5],
    ['a name, which would stay on the connection', { text: 'SELECT 1', name: 'kept' }],
    ['values that are no list', { text: 'SELECT 1', values: 'a' }],
    ['a message of another kind', { text: 'SELECT 1', submit: () => {} }],
  ])('refuses %s', async (_title, statement) => {
    const asking = withUserSession(alice, app.pool, (session) => session.query(statement as unknown as string))
    expect(await codeOf(asking)).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  it('gives a session that is the user’s, and dead after the callback', async () => {
    let kept: UserSession | undefined
    await withUserSession(alice, app.pool, (session) => {
      assertOwned(alice, session)
      expect(() => assertOwned(bob, session)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_ISOLATION' }))
      expect(Reflect.ownKeys(session)).toEqual(['query'])
      kept = session
    })
    expect(await codeOf(kept!.query('SELECT 1'))).toBe('ERR_CONTEXT_DATABASE_SESSION')
  })

  it('runs nothing on behalf of another ambient user', async () => {
    const crossing = withUserSession(alice, app.pool, (session) =>
      runWithContext(bob, () => session.query('SELECT title FROM app.notes')),
    )
    expect(await codeOf(crossing)).toBe('ERR_CONTEXT_MISMATCH')
  })
})

describe('withUserSession when the identity ends', () => {
  const signedIn = async (
    expiresInMs: number,
  ): Promise<{ context: UserExecutionContext; signOut: () => Promise<unknown> }> => {
    const sessions = liveSessions({ maxProofMs: 60_000 })
    const signIn = identityProvider({
      name: 'tokens',
      sessions,
      verify: (_token: string) => ({
        userId: 'dave',
        sessionId: 'session-1',
        issuedAtMs: Date.now(),
        expiresAtMs: Date.now() + expiresInMs,
      }),
    })
    const context = createForUser(await signIn('token'))
    return { context, signOut: () => sessions.revoke({ session: context }) }
  }

  it('ends a statement that runs, keeps nothing, and begins no other', async () => {
    const { context, signOut } = await signedIn(60_000)
    let then: Promise<unknown> | undefined
    const working = withUserSession(context, app.pool, async (session) => {
      await session.query(`INSERT INTO app.notes (title) VALUES ('of dave')`)
      then = codeOf(session.query('SELECT pg_sleep(60)'))
      await signOut()
      await then
    })
    expect(await codeOf(working)).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await then).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await codeOf(withUserSession(context, app.pool, () => 1))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    const again = await signedIn(60_000)
    expect(await titlesOf(again.context, app.pool)).toEqual([])
  })
})

describe('withUserSession as a role that rules do not bind', () => {
  const pools: pg.Pool[] = []
  const poolOf = (user: string): pg.Pool => {
    const pool = new pg.Pool({ ...toDriverConfig(loginOf(user, app.database.name)), max: 1 })
    pools.push(pool)
    return pool
  }
  const name = (role: string): string => `${role}_${app.database.name}`
  const login = async (role: string, ...statements: readonly string[]): Promise<pg.Pool> => {
    await runAsAdmin(app.database.name, `CREATE ROLE ${name(role)} LOGIN IN ROLE uec_service`, ...statements)
    return poolOf(name(role))
  }
  const clean: string[] = []
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await runAsAdmin(app.database.name, 'DROP TABLE IF EXISTS app.owned', ...clean)
  })
  const refusal = async (pool: pg.Pool): Promise<string> => {
    let isRun = false
    const error = await withUserSession(alice, pool, () => {
      isRun = true
    }).catch((reason: unknown) => reason as { readonly code: string; readonly message: string })
    expect([isRun, (error as { readonly code: string }).code]).toEqual([false, 'ERR_CONTEXT_DATABASE_ROLE'])
    return (error as { readonly message: string }).message
  }
  const drop = (role: string): void => void clean.push(`DROP OWNED BY ${name(role)}`, `DROP ROLE ${name(role)}`)

  it('refuses a superuser', async () => {
    expect(await refusal(poolOf('uec_admin'))).toContain('superuser')
  })

  it('refuses BYPASSRLS', async () => {
    drop('bypass')
    const pool = await login('bypass', `ALTER ROLE ${name('bypass')} BYPASSRLS`)
    expect(await refusal(pool)).toContain('BYPASSRLS')
  })

  it('refuses a role that may become one with BYPASSRLS', async () => {
    drop('heir')
    drop('ancestor')
    const pool = await login(
      'heir',
      `CREATE ROLE ${name('ancestor')} BYPASSRLS`,
      `GRANT ${name('ancestor')} TO ${name('heir')}`,
    )
    expect(await refusal(pool)).toContain('BYPASSRLS')
  })

  it('refuses the owner of a table without FORCE, and takes it with FORCE', async () => {
    drop('owner')
    const pool = await login(
      'owner',
      `CREATE TABLE app.owned (owner_key text)`,
      `ALTER TABLE app.owned ENABLE ROW LEVEL SECURITY`,
      `ALTER TABLE app.owned OWNER TO ${name('owner')}`,
    )
    expect(await refusal(pool)).toContain('FORCE')
    await runAsAdmin(app.database.name, 'ALTER TABLE app.owned FORCE ROW LEVEL SECURITY')
    expect(await codeOf(withUserSession(alice, pool, () => 1))).toBe(undefined)
  })

  it('refuses a role that may make temporary tables, and one that may make tables', async () => {
    drop('maker')
    drop('temporary')
    const maker = await login('maker', `GRANT CREATE ON SCHEMA app TO ${name('maker')}`)
    expect(await refusal(maker)).toContain('REVOKE CREATE')
    const temporary = await login('temporary', `GRANT TEMP ON DATABASE ${app.database.name} TO ${name('temporary')}`)
    expect(await refusal(temporary)).toContain('TEMPORARY')
  })

  it('says of the owner of the database which login to take', async () => {
    drop('dbo')
    const owner = await login('dbo')
    const was = (
      await queryAsAdmin(
        app.database.name,
        'SELECT pg_get_userbyid(datdba)::text AS name FROM pg_database WHERE datname = current_database()',
      )
    )[0]!['name']
    await runAsAdmin(app.database.name, `ALTER DATABASE ${app.database.name} OWNER TO ${name('dbo')}`)
    expect(await refusal(owner)).toContain(
      'It owns the database, or is a member of the role that does: log in as uec_service',
    )
    drop('deputy')
    const deputy = await login('deputy', `GRANT ${name('dbo')} TO ${name('deputy')}`)
    expect(await refusal(deputy)).toContain('It owns the database')
    await runAsAdmin(app.database.name, `ALTER DATABASE ${app.database.name} OWNER TO ${String(was)}`)
  })

  it('takes the owner of another database', async () => {
    drop('elsewhere')
    const pool = await login('elsewhere', `CREATE DATABASE ${name('another')} OWNER ${name('elsewhere')}`)
    clean.unshift(`DROP DATABASE ${name('another')}`)
    expect(await codeOf(withUserSession(alice, pool, () => 1))).toBe(undefined)
  })

  it('refuses a role that has become one since the pool was checked', async () => {
    drop('risen')
    const pool = await login('risen')
    expect(await codeOf(withUserSession(alice, pool, () => 1))).toBe(undefined)
    await runAsAdmin(app.database.name, `ALTER ROLE ${name('risen')} SUPERUSER`)
    await refusal(pool)
    await runAsAdmin(app.database.name, `ALTER ROLE ${name('risen')} NOSUPERUSER`)
  })

  it('takes a login whose name SQL would have to quote', async () => {
    const odd = `o'hara\\ "${app.database.name}`
    const quoted = `"${odd.replaceAll('"', '""')}"`
    await runAsAdmin(app.database.name, `CREATE ROLE ${quoted} LOGIN IN ROLE uec_service`)
    clean.push(`DROP OWNED BY ${quoted}`, `DROP ROLE ${quoted}`)
    const answer = await withUserSession(alice, poolOf(odd), (session) => session.query('SELECT current_user AS role'))
    expect(answer.rows).toEqual([{ role: odd }])
  })

  it('keeps nothing of a transaction whose role has become another', async () => {
    drop('first')
    drop('second')
    const second = `CREATE ROLE ${name('second')} IN ROLE uec_service`
    const pool = await login('first', second, `GRANT ${name('second')} TO ${name('first')}`)
    const writing = withUserSession(alice, pool, async (session) => {
      await session.query("INSERT INTO app.notes (title) VALUES ('of two roles')")
      await session.query("SELECT pg_catalog.set_config('role', $1, true)", [name('second')])
    })
    expect(await codeOf(writing)).toBe('ERR_CONTEXT_DATABASE_SESSION')
    expect(await titlesOf(alice, app.pool)).not.toContain('of two roles')
  })
})

describe('withUserSession without a connection', () => {
  it('says that the server cannot be reached', async () => {
    const pool = newPool(app.database, { host: '/nowhere' })
    expect(await codeOf(withUserSession(alice, pool, () => 1))).toBe('ERR_CONTEXT_DATABASE_UNAVAILABLE')
    await pool.end()
  })

  it('waits for one no longer than the session may take, and gives back the one that comes late', async () => {
    const pool = newPool(app.database)
    const taken = await pool.connect()
    expect(await codeOf(withUserSession(alice, pool, () => 1, { timeoutMs: 50 }))).toBe('ERR_CONTEXT_DATABASE_TIMEOUT')
    taken.release()
    expect(await codeOf(withUserSession(alice, pool, () => 1))).toBe(undefined)
    await pool.end()
  })

  it('says that the time is over, also where the server says so first', async () => {
    // The timer of a busy process fires late.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const slow = withUserSession(alice, app.pool, (session) => session.query('SELECT pg_sleep(60)'), { timeoutMs: 100 })
    expect(await codeOf(slow)).toBe('ERR_CONTEXT_DATABASE_TIMEOUT')
    vi.useRealTimers()
  })

  it('says so when the server ends the connection in the middle', async () => {
    const pool = newPool(app.database)
    const ending = withUserSession(alice, pool, async (session) => {
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await runAsAdmin(app.database.name, `SELECT pg_terminate_backend(${rows[0]!.pid})`)
      await session.query('SELECT pg_sleep(0)')
    })
    await expect(ending).rejects.toThrow()
    expect(await codeOf(withUserSession(alice, pool, () => 1))).toBe(undefined)
    await pool.end()
  })
})

describe('withUserSession for a context of nobody', () => {
  it('is refused before a connection is taken', async () => {
    let isTaken = false
    const pool = { connect: () => Promise.reject(new Error(String((isTaken = true)))) }
    const forged = { ...createForUser(vouchForUser('alice', { reason: 'a forged copy' })) }
    expect(await codeOf(withUserSession(forged as UserExecutionContext, pool, () => 1))).toBe('ERR_CONTEXT_NOT_ISSUED')
    expect(isTaken).toBe(false)
  })
})
