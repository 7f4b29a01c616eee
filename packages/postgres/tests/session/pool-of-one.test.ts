// Whatever a session of one user does, the next user on the same connection, or on the one that replaces it, sees
// nothing of it.
import type pg from 'pg'
import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { withUserSession } from '../../src/session/with-user-session.ts'
import type { UserSession } from '../../src/session/user-session.ts'
import { runAsAdmin } from '../test-database.ts'
import { addNote, contextOf, hostileId, newOwnPool, newPool, notesApp } from './notes-app.ts'

const app = notesApp()
const alice = contextOf('alice')
const bob = contextOf('bob')
const hostile = contextOf(hostileId)

type Misuse = (pool: pg.Pool) => Promise<unknown>
const inSession =
  (...statements: readonly (string | readonly [string, readonly unknown[]])[]): Misuse =>
  (pool) =>
    withUserSession(alice, pool, async (session) => {
      for (const statement of statements)
        await (typeof statement === 'string' ? session.query(statement) : session.query(...statement))
    })
/** A function that a SELECT calls and that runs any statement: the tag says SELECT. */
const byFunction = (statement: string): Misuse => inSession(['SELECT app.run($1)', [statement]])

/** What happens, how it ends (a code of ours or of the server), and whether the connection is kept. */
const misuses: readonly (readonly [string, Misuse, string | undefined, 'kept' | 'destroyed'])[] = [
  ['a session that commits', inSession(`INSERT INTO app.notes (title) VALUES ('more')`), undefined, 'kept'],
  ['a CALL', inSession(`CALL app.add('called')`), undefined, 'kept'],
  [
    'a callback that throws',
    (pool) =>
      withUserSession(alice, pool, async (session) => {
        await session.query(`INSERT INTO app.notes (title) VALUES ('lost')`)
        throw Object.assign(new Error('of the app'), { code: 'APP' })
      }),
    'APP',
    'kept',
  ],
  ['a statement that fails', inSession('SELECT 1 / 0'), '22012', 'kept'],
  [
    'a failed statement that the callback swallows',
    (pool) =>
      withUserSession(alice, pool, async (session) => {
        await session.query(`INSERT INTO app.notes (title) VALUES ('lost')`)
        await session.query('SELECT 1 / 0').catch(() => {})
      }),
    'ERR_CONTEXT_DATABASE_COMMIT',
    'destroyed',
  ],
  [
    'a transaction that somebody left open',
    async (pool) => {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query(`SELECT set_config('uec.owner', $1, true)`, [toOwnerKey(alice)])
      client.release()
    },
    undefined,
    'destroyed',
  ],
  [
    'a setting that somebody left',
    async (pool) => void (await pool.query(`SELECT set_config('uec.owner', $1, false)`, [toOwnerKey(alice)])),
    undefined,
    'kept',
  ],
  [
    'a timeout',
    (pool) => withUserSession(alice, pool, (session) => session.query('SELECT pg_sleep(60)'), { timeoutMs: 100 }),
    'ERR_CONTEXT_DATABASE_TIMEOUT',
    'destroyed',
  ],
  [
    'a callback that never ends',
    (pool) => withUserSession(alice, pool, () => new Promise(() => {}), { timeoutMs: 100 }),
    'ERR_CONTEXT_DATABASE_TIMEOUT',
    'destroyed',
  ],
  [
    'a statement that is not awaited',
    (pool) => withUserSession(alice, pool, (session) => void session.query('SELECT pg_sleep(1)').catch(() => {})),
    'ERR_CONTEXT_DATABASE_SESSION',
    'destroyed',
  ],
  [
    'a COMMIT that fails',
    inSession(`INSERT INTO app.labels (label) VALUES ('twice'), ('twice')`),
    'ERR_CONTEXT_DATABASE_COMMIT',
    'destroyed',
  ],
  [
    'a statement that is cancelled',
    inSession(`SELECT set_config('statement_timeout', '10', true)`, 'SELECT pg_sleep(60)'),
    'ERR_CONTEXT_DATABASE_SESSION',
    'destroyed',
  ],
  [
    'set_config to another user',
    inSession([`SELECT set_config('uec.owner', $1, true)`, [toOwnerKey(bob)]], `DELETE FROM app.notes`),
    'ERR_CONTEXT_DATABASE_SESSION',
    'destroyed',
  ],
  [
    'set_config to another user, for longer than the transaction',
    inSession([`SELECT set_config('uec.owner', $1, false)`, [toOwnerKey(bob)]]),
    'ERR_CONTEXT_DATABASE_SESSION',
    'destroyed',
  ],
  [
    'a setting for longer than the transaction',
    inSession(`SELECT set_config('work_mem', '64kB', false)`),
    undefined,
    'kept',
  ],
  ['set_config of the role', inSession(`SELECT set_config('role', 'uec_owner', true)`), '42501', 'kept'],
  ['SET ROLE', inSession('SET ROLE uec_owner'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['SET ROLE to its own', inSession('SET ROLE uec_service'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['SET', inSession(`SET work_mem = '64kB'`), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['RESET ALL', inSession('RESET ALL'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['DISCARD ALL', inSession('DISCARD ALL'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ...[
    ...['COMMIT', 'commit and chain', 'END', 'PREPARE TRANSACTION $$of alice$$', ';;COMMIT', '/* a /* b */ */COMMIT'],
    ...['-- SELECT\nCOMMIT', '-- SELECT\rEND', '\t/**//*/**/*/ -- \n ;COMMIT', '/* SELECT */end'],
  ].map(
    (statement) =>
      [
        JSON.stringify(statement),
        inSession(`INSERT INTO app.notes (title) VALUES ('kept by COMMIT')`, statement),
        'ERR_CONTEXT_DATABASE_STATEMENT',
        'destroyed',
      ] as const,
  ),
  ['COMMIT by a procedure', inSession('CALL app.commit()'), '2D000', 'kept'],
  ['ROLLBACK', inSession('ROLLBACK'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['two statements', inSession('SELECT 1; COMMIT'), '42601', 'kept'],
  ['COPY to the client', inSession('COPY app.notes TO STDOUT'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['COPY from the client', inSession('COPY app.notes FROM STDIN'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  [
    'a cursor',
    inSession('DECLARE alices CURSOR WITH HOLD FOR SELECT title FROM app.notes'),
    'ERR_CONTEXT_DATABASE_STATEMENT',
    'destroyed',
  ],
  [
    'a cursor by a function',
    byFunction('DECLARE c CURSOR WITH HOLD FOR SELECT title FROM app.notes'),
    undefined,
    'kept',
  ],
  ['PREPARE', inSession('PREPARE alices AS SELECT 1'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['PREPARE by a function', byFunction(`PREPARE alices AS SELECT 'of alice'`), undefined, 'destroyed'],
  ['an advisory lock', inSession('SELECT pg_advisory_lock(1)'), undefined, 'kept'],
  [
    'statements that the driver prepared for the pool',
    (pool) => pool.query({ name: 'of-the-pool', text: 'SELECT 1' }),
    undefined,
    'kept',
  ],
  ['LOCK', inSession('LOCK TABLE app.notes IN SHARE MODE'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  [
    'a temporary table',
    inSession('CREATE TEMP TABLE alices (title text)'),
    'ERR_CONTEXT_DATABASE_STATEMENT',
    'destroyed',
  ],
  ['a temporary table by SELECT', inSession('SELECT title INTO TEMP alices FROM app.notes'), '42501', 'kept'],
  ['NOTIFY', inSession(`NOTIFY news, 'of alice'`), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['LISTEN', inSession('LISTEN news'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['LISTEN by a function', byFunction('LISTEN news'), undefined, 'kept'],
  ['DO', inSession(`DO 'BEGIN END'`), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['EXPLAIN', inSession('EXPLAIN SELECT 1'), 'ERR_CONTEXT_DATABASE_STATEMENT', 'destroyed'],
  ['a function with SECURITY DEFINER', inSession('SELECT app.all_titles()'), undefined, 'kept'],
  ['a number of a sequence', inSession(`SELECT nextval('app.numbers')`), undefined, 'kept'],
  ['a hostile id', (pool) => withUserSession(hostile, pool, (session) => session.query('SELECT 1')), undefined, 'kept'],
]

/** Everything that could be left of another user on a connection, as bob sees it. */
async function look(session: UserSession): Promise<object> {
  const { rows } = await session.query(`SELECT uec.owner() AS owner, current_user AS role,
    (SELECT array_agg(title) FROM app.notes) AS titles,
    (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
    (SELECT count(*)::int FROM pg_prepared_statements WHERE from_sql) AS prepared,
    (SELECT count(*)::int FROM pg_cursors WHERE name <> '') AS cursors,
    (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
    pg_my_temp_schema()::int AS temporary, current_setting('work_mem') AS memory`)
  return rows[0]!
}

const clean = (context: UserExecutionContext, titles: readonly string[]): object => ({
  owner: toOwnerKey(context),
  role: 'uec_service',
  titles,
  locks: 0,
  prepared: 0,
  cursors: 0,
  channels: 0,
  temporary: 0,
  memory: '4MB',
})

/** What SQL can do to a statement that the library has prepared for its connection. */
const ofTheLibrary: typeof misuses = [
  [
    'a statement of the library that means another user now',
    byFunction(`DEALLOCATE "uec-begin-session"; PREPARE "uec-begin-session" (text, text, text, text, text, text) AS
      SELECT $1, current_user::text, set_config('uec.owner', '${toOwnerKey(alice)}', false)`),
    undefined,
    'destroyed',
  ],
  ['a DEALLOCATE of all', byFunction('DEALLOCATE ALL'), undefined, 'kept'],
  ['a DISCARD ALL of somebody', (pool) => pool.query('DISCARD ALL'), undefined, 'kept'],
]
const isPooled = (): boolean => inject('poolerHost') !== inject('serverHost')

describe.each([
  ['the driver', newPool, misuses],
  ['openPostgres()', newOwnPool, [...misuses, ...ofTheLibrary]],
] as const)('withUserSession on a pool of one of %s', (_maker, makePool, cases) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = makePool(app.database)
    await runAsAdmin(app.database.name, 'DELETE FROM app.notes')
    await addNote(alice, pool, 'of alice')
    await addNote(bob, pool, 'of bob')
    await addNote(hostile, pool, 'of the hostile id')
  })
  afterAll(() => pool.end())

  it.each(cases)('hides from the next user: %s', async (_title, misuse, code, fate) => {
    const before = await withUserSession(bob, pool, backend)
    const ended = await misuse(pool).then(
      () => undefined,
      (error: unknown) => (error as { readonly code?: string }).code,
    )
    const seen = await withUserSession(bob, pool, look)
    const after = await withUserSession(bob, pool, backend)
    // A pooler has connections of its own to the server, and prepares nothing of the library by name.
    expect({ ended: isPooled() && ended === '26000' ? code : ended, seen }).toEqual({
      ended: code,
      seen: clean(bob, ['of bob']),
    })
    if (!isPooled()) expect(before === after ? 'kept' : 'destroyed').toBe(fate)
    // Nor a number that a sequence gave to somebody else.
    await expect(withUserSession(bob, pool, (session) => session.query('SELECT lastval()'))).rejects.toMatchObject({
      code: '55000',
    })
    // And who comes without a session sees nobody's rows.
    const { rows } = await pool.query('SELECT uec.owner(), (SELECT count(*)::int FROM app.notes) AS notes')
    expect(rows).toEqual([{ owner: null, notes: 0 }])
  })

  it('has lost nothing of what was committed, and kept nothing of what was not', async () => {
    const titles = await withUserSession(alice, pool, async (session) => {
      const { rows } = await session.query<{ title: string }>('SELECT title FROM app.notes ORDER BY title')
      return rows.map(({ title }) => title)
    })
    expect(titles).toEqual(['called', 'more', 'of alice'])
  })
})

async function backend(session: UserSession): Promise<number> {
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}
