// What a transaction that is taken back leaves of its connection.
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ContextError } from 'user-execution-context'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { begin, inTransaction } from '../../src/connection/in-transaction.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let pool: pg.Pool
let made = 0
beforeAll(async () => {
  await runAsAdmin(database.name, 'CREATE TABLE counted (id int PRIMARY KEY)')
  pool = new pg.Pool({ ...toDriverConfig(database.migrate), max: 1 })
  pool.on('error', () => {})
  pool.on('connect', () => made++)
})
afterAll(() => pool.end())
beforeEach(async () => {
  await pool.query('TRUNCATE counted')
  made = 0
})
const add = 'INSERT INTO counted VALUES (1)'
const count = async () => (await pool.query('SELECT FROM counted')).rowCount

describe('inTransaction', () => {
  it.each([
    [
      'that the process refuses',
      async (client: pg.PoolClient) => {
        await client.query(add)
        throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
      },
    ],
    [
      'whose statement the server refuses',
      async (client: pg.PoolClient) => {
        await client.query(add)
        await client.query(add)
      },
    ],
    [
      'whose statement a server of another language refuses',
      async (client: pg.PoolClient) => {
        await client.query(add)
        await client.query(add).catch((error: object) => {
          throw Object.assign(error, { severity: 'FEHLER' })
        })
      },
    ],
    [
      'that is refused while a statement is on its way',
      async (client: pg.PoolClient) => {
        void client.query(add).catch(() => undefined)
        throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
      },
    ],
  ] as const)('takes back one %s, and keeps its connection', async (_title, run) => {
    await expect(inTransaction(pool, begin, run)).rejects.toBeInstanceOf(Error)
    expect(await count()).toBe(0)
    expect(made).toBe(0)
  })

  it.each([
    ['whose server goes', 'SELECT pg_terminate_backend(pg_backend_pid())'],
    ['that fails in the process itself', 'SELECT 1'],
  ])('keeps no connection %s', async (_title, statement) => {
    const run = async (client: pg.PoolClient) => {
      await client.query(statement)
      throw new TypeError('of the process')
    }
    await expect(inTransaction(pool, begin, run)).rejects.toBeInstanceOf(Error)
    expect(await count()).toBe(0)
    expect(made).toBe(1)
  })

  it.each([
    ['one text', `${begin}; SELECT 1 / 0`],
    ['statements with values', [{ text: begin }, { text: 'SELECT 1 / $1::int', values: ['0'] }]],
  ] as const)('runs nothing when its first message is refused, be it %s', async (_title, first) => {
    let isRun = false
    const refused = inTransaction(pool, first, () => Promise.resolve((isRun = true)))
    await expect(refused).rejects.toMatchObject({ code: '22012' })
    expect([isRun, made]).toEqual([false, 0])
  })

  it('waits no longer for its first message than the pool says', async () => {
    const hasty = new pg.Pool({ ...toDriverConfig(database.migrate), max: 1, query_timeout: 100 })
    hasty.on('error', () => {})
    const late = inTransaction(hasty, `${begin}; SELECT pg_sleep(60)`, () => Promise.resolve())
    await expect(late).rejects.toBeInstanceOf(Error)
    await hasty.end()
  })
})
