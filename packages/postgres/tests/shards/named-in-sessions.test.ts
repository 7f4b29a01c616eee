// What fails inside a session, or at its COMMIT, names the shard by the name that it was configured with.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ContextError, toOwnerKey } from 'user-execution-context'
import { databaseLog, withUserSession, type DatabaseLogRecord } from '../../src/index.ts'
import type { SessionOptions, UserSession } from '../../src/index.ts'
import { runAsAdmin } from '../test-database.ts'
import { newContextOn, openShardedNode, shardDatabases } from './shard-databases.ts'

const databases = shardDatabases()
const user = newContextOn('b', 'user-of-b')
const ownerKey = toOwnerKey(user)
let node: Awaited<ReturnType<typeof openShardedNode>>
beforeAll(async () => {
  node = await openShardedNode(databases, { maxConnections: 1 })
  await node.shards.of(ownerKey)
  await runAsAdmin(
    databases.b.name,
    `CREATE TABLE public.once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
    GRANT SELECT, INSERT ON public.once TO uec_service; INSERT INTO public.once VALUES (1)`,
  )
})
afterAll(() => node.close())

type Callback = (session: UserSession) => unknown
/** What a session throws. */
const thrownBy = (run: Callback, options?: SessionOptions): Promise<Error> =>
  withUserSession(user, node.shards.poolOf(ownerKey), run, options).then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error as Error,
  )
/** The shard that the log of the process has for an error. */
const shardInLog = (error: Error): string | undefined => {
  const lines: DatabaseLogRecord[] = []
  databaseLog((line) => lines.push(line)).onError(error)
  return lines[0]?.shard
}

describe('the message of what ended a session names the shard', () => {
  const cases: Readonly<Record<string, readonly [code: string, run: Callback, options?: SessionOptions]>> = {
    'for too long': ['TIMEOUT', (session) => session.query('SELECT pg_sleep(60)'), { timeoutMs: 1_000 }],
    'by a COMMIT that the server refuses': ['COMMIT', (session) => session.query('INSERT INTO public.once VALUES (1)')],
    'by a statement that failed before': ['COMMIT', (session) => session.query('SELECT 1/0').catch(() => undefined)],
    'by a statement that was not awaited': ['SESSION', (session) => void session.query('SELECT pg_sleep(60)')],
    'by a change of its user': [
      'SESSION',
      (session) => session.query("SELECT set_config('uec.owner', 'somebody else', true)"),
    ],
    'by somebody who cancelled its statement': [
      'SESSION',
      (session) => session.query('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60)'),
    ],
  }

  it.each(Object.keys(cases))('%s', async (name) => {
    const [code, run, options] = cases[name]!
    const error = await thrownBy(run, options)
    expect(error).toMatchObject({ code: `ERR_CONTEXT_DATABASE_${code}` })
    expect(error.message).toMatch(/The shard is "b"\./)
    for (const secret of [ownerKey, user.userId, databases.b.name, 'somebody else'])
      expect(error.message).not.toContain(secret)
    expect(shardInLog(error)).toBe('b')
  })

  it('where no connection came free in time', async () => {
    const client = await node.shards.all[1]!.postgres.service.connect()
    const error = await thrownBy(() => undefined, { timeoutMs: 500 })
    client.release()
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_DATABASE_TIMEOUT' })
    expect(error.message).toMatch(/The shard is "b"\./)
  })
})

describe('the log names the shard', () => {
  it.each([
    ['an error of the server, which is thrown unchanged', 'SELECT 1/0', '22012'],
    ['a connection that is lost', 'SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)', '57P01'],
  ])('of %s', async (_what, statement, code) => {
    const error = await thrownBy((session) => session.query(statement))
    expect(error).toMatchObject({ code })
    expect(error).not.toBeInstanceOf(ContextError)
    expect(shardInLog(error)).toBe('b')
  })

  it('of nothing that the callback threw on its own', async () => {
    for (const own of [new Error('of the app'), new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE')]) {
      const error = await thrownBy(() => Promise.reject(own))
      expect(error).toBe(own)
      expect(shardInLog(error)).toBeUndefined()
    }
    // Nor of what a signal aborts a session with: it may end those of several shards.
    const reason = new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE')
    const controller = new AbortController()
    const aborted = thrownBy(() => (controller.abort(reason), new Promise(() => {})), { signal: controller.signal })
    expect(await aborted).toBe(reason)
  })
})
