// Transactions of the library whose process hangs: what they hold comes free.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asOwner } from '../../src/connection/as-owner.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { begin, inTransaction } from '../../src/connection/in-transaction.ts'
import { postgresHandleStore } from '../../src/index.ts'
import { openNode } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()
let pool: pg.Pool
beforeAll(() => {
  pool = new pg.Pool({ ...toDriverConfig(database.service), max: 1 })
  pool.on('error', () => {})
})
afterAll(() => pool.end())

type Run = <Result>(run: (client: pg.PoolClient) => Promise<Result>) => Promise<Result>
const ways: readonly (readonly [string, Run])[] = [
  ['inTransaction', (run) => inTransaction(pool, begin, run)],
  ['asOwner', (run) => asOwner(pool, 'alice', run)],
  ['asOwner, relaxed', (run) => asOwner(pool, 'alice', run, { isRelaxed: true })],
]
const limit = "SELECT current_setting('idle_in_transaction_session_timeout') AS idle"

describe.each(ways)('%s', (_name, run) => {
  it('is ended by the server where its process says nothing any more', async () => {
    expect((await run((client) => client.query(limit))).rows).toEqual([{ idle: '10s' }])
    // Of the transaction alone: the connection may be that of a pooler.
    expect((await pool.query(limit)).rows).toEqual([{ idle: '0' }])
  })

  it('says then that the database went away, and lets the next one have what it held', async () => {
    const lock = 'SELECT pg_advisory_xact_lock(7)'
    const hanging = run(async (client) => {
      await client.query(lock)
      // As if the ten seconds were over sooner.
      const ended = new Promise((resolve) => client.once('end', resolve))
      await client.query("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
      await ended
      await client.query('SELECT 1')
    })
    await expect(hanging).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    expect((await run((client) => client.query(lock))).rowCount).toBe(1)
  })
})

describe('postgresHandleStore', () => {
  it('writes a value down before it locks out all other users', async () => {
    const node = await openNode(database)
    const store = postgresHandleStore<unknown>({ postgres: node.postgres })
    let taken = 0
    let takenThen: number | undefined
    node.postgres.worker.on('acquire', () => taken++)
    const value = { toJSON: () => (takenThen = taken) }
    const entry = { ownerKey: 'alice', handleDigest: 'd', endsAtMs: Date.now() + 60_000, tie: {}, value }
    await store.insert(entry as never, { maxPerUser: 10, maxTotal: 10 })
    expect([takenThen, taken]).toEqual([0, 1])
    await node.close()
  })
})
