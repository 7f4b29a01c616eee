// What a claim waits for: no row that another statement has locked, which may wait for a row of the claim.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { fileRun, newContext, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
let worker: pg.Client
/** Somebody whose transaction is open. */
let other: pg.Client
const connect = async (target: typeof database.worker): Promise<pg.Client> => {
  const client = new pg.Client(toDriverConfig(target) as pg.ClientConfig)
  await client.connect()
  return client
}
beforeAll(async () => {
  node = await openNode(database)
  worker = await connect(database.worker)
  other = await connect(database.migrate)
  // A claim that waits is told so, in place of a test that hangs.
  await worker.query("SET statement_timeout = '5s'")
})
afterAll(async () => {
  await Promise.all([worker.end(), other.end()])
  await node.close()
})
beforeEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events'))

type Held = { readonly kind: string; readonly run_id: string }
const claimer = randomUUID()
const claim = async (slots: number, done: readonly { readonly ownerKey: string; readonly runId: string }[] = []) => {
  const keys = [done.map(({ ownerKey }) => ownerKey), done.map(({ runId }) => runId)]
  const { rows } = await worker.query<Held>('SELECT * FROM uec.claim($1, $2, 10, 60000, $3, $4)', [
    claimer,
    slots,
    ...keys,
  ])
  return rows.map(({ kind, run_id: runId }) => `${kind} ${runId}`).sort()
}
const enqueue = async (userId: string) => {
  const job = { context: newContext(userId), input: { text: 'go' } }
  await fileRun(node.eventLog, job)
  const queue = node.openQueue(parseLimits(), { executes: false })
  await queue.enqueue(job)
  await queue.close()
  return { ownerKey: toOwnerKey(job.context), runId: job.context.runId }
}
const leaseOf = async (runId: string): Promise<unknown> =>
  (await queryAsAdmin(database.name, `SELECT leased_until::text AS at FROM uec.jobs WHERE run_id = '${runId}'`))[0]![
    'at'
  ]
const whileLocked = async (table: string, ownerKey: string, run: () => Promise<void>): Promise<void> => {
  await other.query('BEGIN')
  await other.query(`SELECT FROM uec.${table} WHERE owner_key = $1 FOR UPDATE`, [ownerKey])
  await run().finally(() => other.query('ROLLBACK'))
}

describe('a claim', () => {
  it('passes over a job that is locked, says that it is held, and renews the others', async () => {
    const [one, two] = [await enqueue('one'), await enqueue('two')]
    expect(await claim(2)).toHaveLength(2)
    const before = [await leaseOf(one.runId), await leaseOf(two.runId)]
    await whileLocked('jobs', one.ownerKey, async () => {
      expect(await claim(0)).toEqual([`held ${one.runId}`, `held ${two.runId}`].sort())
    })
    const after = [await leaseOf(one.runId), await leaseOf(two.runId)]
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
  })

  it('gives back another time what is locked, and at once what is not', async () => {
    const [one, two] = [await enqueue('one'), await enqueue('two')]
    await claim(2)
    await whileLocked('jobs', one.ownerKey, async () => {
      expect(await claim(0, [one, two])).toEqual([`held ${one.runId}`])
    })
    expect(await claim(0, [one])).toEqual([])
  })

  it('lets a job whose lease is over wait again when the row of its owner is free', async () => {
    const one = await enqueue('one')
    await claim(1)
    const jobs = `SELECT worker IS NULL AS waits FROM uec.jobs`
    await runAsAdmin(
      database.name,
      "UPDATE uec.jobs SET leased_until = now() - interval '1 s', worker = gen_random_uuid()",
    )
    await whileLocked('queue_owners', one.ownerKey, async () => {
      expect(await claim(0)).toEqual([])
      expect(await queryAsAdmin(database.name, jobs)).toEqual([{ waits: false }])
    })
    expect(await claim(0)).toEqual([])
    expect(await queryAsAdmin(database.name, jobs)).toEqual([{ waits: true }])
  })
})
