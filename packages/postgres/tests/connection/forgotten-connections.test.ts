// A network that forgot a connection: what is sent is swallowed, and nothing comes back, ever.
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import pg from 'pg'
import { asOwner } from '../../src/connection/as-owner.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { dropSilentConnections } from '../../src/connection/drop-silent.ts'
import { queryDatabase } from '../../src/connection/unreachable.ts'
import { openPostgres, openWakeChannel, withUserSession, type Postgres } from '../../src/index.ts'
import { newContext } from '../open-ports.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const network = new OutageProxy(inject('serverHost'))
let postgres: Postgres
beforeAll(async () => {
  await network.open()
  const [service, worker] = [database.service, database.worker].map((login) => ({ ...login, host: network.host }))
  postgres = await openPostgres({ connections: { service: service!, worker }, maxConnections: 1, answerTimeoutMs: 500 })
})
afterAll(async () => {
  await postgres.close()
  network.close()
})

type Connected = { readonly connection: { readonly stream: Socket } }
const ask = async (pool: Postgres['service']) => (await pool.query('SELECT 1 AS one')).rows

describe('a connection that was forgotten', () => {
  it.each(['service', 'worker'] as const)('is given up by the pool %s, whose next one answers', async (name) => {
    const pool = postgres[name]
    await ask(pool)
    network.forget()
    await expect(ask(pool)).rejects.toThrow('timeout')
    expect(await ask(pool)).toEqual([{ one: 1 }])
  })

  it.each(['a statement', 'a transaction', 'a store in one'])(
    'goes with all that were forgotten, found by %s',
    async (kind) => {
      const service = { ...database.service, host: network.host }
      const { service: pool, close } = await openPostgres({ connections: { service }, answerTimeoutMs: 5_000 })
      const sockets: Socket[] = []
      pool.on('connect', (client) => void sockets.push((client as unknown as Connected).connection.stream))
      await Promise.all(Array.from({ length: 6 }, () => ask(pool)))
      expect(pool.idleCount).toBe(6)
      if (kind === 'a statement') network.forget()
      const query_timeout = 200
      const bounded = { text: 'SELECT 1', query_timeout } as { readonly text: string }
      const lost =
        kind === 'a statement'
          ? pool.query(bounded)
          : asOwner(pool, 'owner', async (client) => {
              network.forget()
              await (kind === 'a transaction' ? client.query(bounded) : queryDatabase(client, bounded))
            })
      await expect(lost).rejects.toThrow()
      expect(pool.idleCount).toBe(0)
      // The other side would not answer a goodbye.
      expect(sockets.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(5)
      expect(await Promise.all(Array.from({ length: 6 }, () => ask(pool)))).toHaveLength(6)
      await close()
    },
  )

  it('goes with those of the other pools of the database', async () => {
    const service = { ...database.service, host: network.host }
    const { service: pool, revocations, close } = await openPostgres({ connections: { service } })
    await Promise.all([ask(pool), ask(pool), ask(revocations)])
    network.forget()
    await expect(revocations.query({ text: 'SELECT 1', query_timeout: 200 } as { text: string })).rejects.toThrow()
    expect(pool.idleCount).toBe(0)
    await close()
  })

  it('is given up as soon as one that cannot be made, where it was forgotten at once', async () => {
    const service = { ...database.service, host: network.host }
    const { service: pool, close } = await openPostgres({ connections: { service }, connectTimeoutMs: 300 })
    // The one that looked at the schema is taken, so that another one is made.
    const taken = await pool.connect()
    pool.on('connect', () => network.forget())
    // A statement may take 30 seconds here.
    const given = await Promise.race([ask(pool).catch(() => 'given up'), pause(20_000, 'waits')])
    expect(given).toBe('given up')
    taken.release(true)
    await close()
  })

  it('leaves those that have answered since', async () => {
    const { service: pool, close } = await openPostgres({ connections: { service: database.service } })
    const slow = pool.query({ text: 'SELECT pg_sleep(1)', query_timeout: 400 } as { readonly text: string })
    const others = ask(pool)
    await others
    await expect(slow).rejects.toThrow('timeout')
    expect(pool.idleCount).toBe(1)
    await close()
  })

  it.each([
    ['an error of the server', 'SELECT 1 / 0'],
    ['a timeout of the server', 'BEGIN; SET LOCAL statement_timeout = 50; SELECT pg_catalog.pg_sleep(10)'],
  ])('leaves all that are free at %s: that was an answer', async (_what, text) => {
    const { service: pool, close } = await openPostgres({ connections: { service: database.service } })
    await Promise.all([ask(pool), ask(pool)])
    await expect(pool.query(text)).rejects.toThrow()
    expect(pool.idleCount).toBe(1)
    await close()
  })

  it('leaves those that are at work', async () => {
    const { service: pool, close } = await openPostgres({ connections: { service: database.service } })
    await Promise.all([ask(pool), ask(pool)])
    const work = pool.query('SELECT pg_sleep(1)')
    const slow = pool.query({ text: 'SELECT pg_sleep(1)', query_timeout: 200 } as { readonly text: string })
    await expect(slow).rejects.toThrow('timeout')
    expect((await work).rowCount).toBe(1)
    await close()
  })

  it('is none that the pool has closed because nobody used it', async () => {
    const pool = new pg.Pool({ ...toDriverConfig(database.service), idleTimeoutMillis: 50 })
    const told: string[] = []
    pool.on('error', ({ message }) => void told.push(message))
    dropSilentConnections()(pool)
    await Promise.all([ask(pool), ask(pool)])
    await expect.poll(() => pool.totalCount).toBe(0)
    const slow = pool.query({ text: 'SELECT pg_sleep(1)', query_timeout: 200 } as { readonly text: string })
    await expect(slow).rejects.toThrow('timeout')
    expect(told).toEqual([])
    await pool.end()
  })

  it('is given up in the middle of a transaction, too', async () => {
    const lost = asOwner(postgres.service, 'owner', async (client) => {
      network.forget()
      await client.query('SELECT 1')
    })
    await expect(lost).rejects.toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE',
      cause: { message: expect.stringContaining('timeout') },
    })
    expect(await ask(postgres.service)).toEqual([{ one: 1 }])
  })

  it('lets a channel of wakes hear again, and close', async () => {
    const states: boolean[] = []
    const listen = { ...database.service, host: network.host }
    const onState = (isHeard: boolean): void => void states.push(isHeard)
    const wakes = openWakeChannel({ pool: postgres.service, listen, checkMs: 300, onState })
    const hears = (count: number) => expect.poll(() => states.length, { timeout: 50_000 }).toBe(count)
    await hears(1)
    network.forget()
    await hears(3)
    expect(states).toEqual([true, false, true])
    let isHeard = false
    wakes.hear((topics) => void (isHeard ||= topics?.has('news') ?? false))
    const other = openWakeChannel({ pool: postgres.service, listen: database.service })
    // The pool has a forgotten connection, too: what it sends first is lost.
    const hearsNews = (): boolean => {
      other.wake(['news'])
      return isHeard
    }
    await expect.poll(hearsNews, { timeout: 50_000 }).toBe(true)
    await other.close()
    await wakes.close()
    const deaf = openWakeChannel({ pool: postgres.service, listen, checkMs: 3_600_000, onState })
    await hears(4)
    network.forget()
    await deaf.close()
  })
})

describe('a statement that takes longer than a statement may', () => {
  it('has the time of its session, and leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const context = newContext('patient')
    const sleep = () =>
      withUserSession(context, postgres.service, async (session) => {
        await session.query('SELECT pg_sleep(1)')
        return (await session.query<{ readonly one: number }>('SELECT 1 AS one')).rows
      })
    // What the test before has forgotten.
    await ask(postgres.service).catch(() => undefined)
    const before = timers()
    for (let count = 0; count < 20; count++)
      await withUserSession(context, postgres.service, (session) => session.query('SELECT 1'))
    expect(timers()).toBeLessThan(before + 20)
    expect(await sleep()).toEqual([{ one: 1 }])
  })

  it('has it for its commit, too', async () => {
    await runAsAdmin(
      database.name,
      "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'",
      'CREATE TABLE public.slow (id integer)',
      'GRANT INSERT ON public.slow TO uec_service',
      `CREATE CONSTRAINT TRIGGER late AFTER INSERT ON public.slow DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.wait()`,
    )
    const insert = 'INSERT INTO public.slow VALUES (1)'
    await withUserSession(newContext('patient'), postgres.service, (session) => session.query(insert))
  })
})
