// uec.file_run() and uec.end_unqueued(), asked as a worker asks them.
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunJob } from '@user-execution-context/golden-path'
import { postgresStartKeys } from '../../src/index.ts'
import { fileRun, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
  // So that the first turn is not what a number written down would be.
  await runAsAdmin(database.name, "SELECT nextval('uec.turns') FROM generate_series(1, 10)")
})
afterAll(() => node.close())
afterEach(() => runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events, uec.start_keys'))

const rowsOf = (statement: string) => queryAsAdmin(database.name, statement)

/** A call of uec.file_run(): it claims where a worker names itself. */
const toFile = (owner: string, claims: boolean, leaseMs = 15_000): string =>
  `SELECT state FROM uec.file_run('${owner}', false, '${randomUUID()}', 'thread', 'request', 1, 'job', '{}', 10, 10,
    ${claims ? `'${randomUUID()}'` : 'NULL'}, ${leaseMs}, NULL, NULL, 10)`

describe('uec.file_run()', () => {
  const file = async (owner: string, claims: boolean): Promise<unknown> =>
    (await node.postgres.worker.query<{ readonly state: string }>(toFile(owner, claims))).rows[0]!.state
  const turns = async (): Promise<unknown> =>
    (await rowsOf('SELECT owner_key FROM uec.queue_owners ORDER BY turn')).map(({ owner_key: owner }) => owner)

  it('gives an owner whose job it claims the last turn', async () => {
    for (const owner of ['one', 'two', 'one']) expect(await file(owner, true)).toBe('claimed')
    expect(await turns()).toEqual(['two', 'one'])
    expect(await file('three', true)).toBe('claimed')
    expect(await turns()).toEqual(['two', 'one', 'three'])
  })

  it('gives an owner who begins to wait the last turn, and leaves that of one who waits', async () => {
    expect(await file('old', true)).toBe('claimed')
    expect(await file('first', false)).toBe('queued')
    expect(await turns()).toEqual(['old', 'first'])
    for (const owner of ['old', 'first']) expect(await file(owner, false)).toBe('queued')
    expect(await turns()).toEqual(['first', 'old'])
  })

  it.each([
    ['waits', false, 'off'],
    ['is claimed', true, 'on'],
  ])('of a job that %s lets the transaction be on disk later: %s gives %s', async (_, claims, durable) => {
    const client = await node.postgres.worker.connect()
    await client.query('BEGIN')
    await client.query(toFile('alice', claims))
    const { rows } = await client.query<{ readonly synchronous_commit: string }>('SHOW synchronous_commit')
    await client.query('COMMIT')
    const after = await client.query<{ readonly synchronous_commit: string }>('SHOW synchronous_commit')
    client.release()
    expect([...rows, ...after.rows]).toEqual([{ synchronous_commit: durable }, { synchronous_commit: 'on' }])
  })

  it('leases a job that it claims for as long as it was told', async () => {
    const client = await node.postgres.worker.connect()
    const { rows } = await client.query<{ readonly now: string }>('SELECT clock_timestamp()::text AS now')
    await client.query(toFile('alice', true, 123_456))
    client.release()
    const [job] = await rowsOf(
      `SELECT leased_until - interval '123456 milliseconds' BETWEEN '${rows[0]!.now}' AND clock_timestamp() AS is_right
        FROM uec.jobs`,
    )
    expect(job).toEqual({ is_right: true })
  })

  it('tells a key of a run that was filed and not queued from one that has started', async () => {
    const limits = parseLimits()
    const job = newJob('alice')
    const ownerKey = toOwnerKey(job.context)
    const key = { ownerKey, digest: 'key', inputDigest: 'input' }
    const keys = postgresStartKeys({ postgres: node.postgres, limits })
    await fileRun(node.eventLog, job)
    await keys.claim(key, { ...job.context, ownerKey, createdAtMs: 1 } as never)
    const queue = node.openQueue(limits, { executes: false })
    expect(await queue.fileAndEnqueue!(newJob('alice'), undefined, key)).toEqual({ state: 'undecided' })
    await queue.enqueue(job)
    expect(await queue.fileAndEnqueue!(newJob('alice'), undefined, key)).toMatchObject({ state: 'started' })
    await queue.close()
  })
})

describe('uec.end_unqueued()', () => {
  const fileLost = async (...agesS: readonly number[]): Promise<readonly RunJob[]> => {
    const jobs = agesS.map((ageS) => newJob(`lost-${ageS}`))
    for (const [index, job] of jobs.entries()) {
      await fileRun(node.eventLog, job)
      const { runId } = job.context
      const filedAt = `now() - interval '${agesS[index]} seconds'`
      await runAsAdmin(database.name, `UPDATE uec.runs SET filed_at = ${filedAt} WHERE run_id = '${runId}'`)
    }
    return jobs
  }
  const end = async (most: number): Promise<readonly string[]> => {
    const statement = "SELECT run_id FROM uec.end_unqueued('1 minute', '{}', $1)"
    const { rows } = await node.postgres.worker.query<{ readonly run_id: string }>(statement, [most])
    return rows.map(({ run_id: runId }) => runId)
  }
  const idOf = ({ context }: RunJob) => context.runId

  it('ends as many as it is asked for, the oldest first', async () => {
    const jobs = await fileLost(100, 300, 200)
    expect(await end(1)).toEqual([idOf(jobs[1]!)])
    expect(await end(1)).toEqual([idOf(jobs[2]!)])
    expect(await end(1)).toEqual([idOf(jobs[0]!)])
  })

  it('leaves one whose row is locked, and ends the others meanwhile', async () => {
    const [held, free] = await fileLost(200, 100)
    const client = await node.postgres.worker.connect()
    await client.query(`BEGIN; SELECT set_config('uec.owner', '${toOwnerKey(held!.context)}', true)`)
    const locked = await client.query(`SELECT FROM uec.runs WHERE run_id = '${idOf(held!)}' FOR UPDATE`)
    expect(locked.rowCount).toBe(1)
    expect(await end(10)).toEqual([idOf(free!)])
    await client.query('ROLLBACK')
    client.release()
    expect(await end(10)).toEqual([idOf(held!)])
  })

  it('counts the bytes of both events as those of the run', async () => {
    await fileLost(100)
    await end(10)
    const [run] = await rowsOf('SELECT bytes FROM uec.runs')
    const [events] = await rowsOf('SELECT sum(octet_length(text))::bigint AS bytes FROM uec.events')
    expect(run).toEqual(events)
    expect(Number(run!['bytes'])).toBeGreaterThan(100)
  })
})

describe('functions of the schema that cross owners', () => {
  it('can be called by those who were given them, and by no others', async () => {
    const given = await rowsOf(
      `SELECT role, array_agg(proname::text ORDER BY proname) AS functions
        FROM unnest(ARRAY['uec_service', 'uec_worker']) AS role JOIN pg_proc AS f
        ON f.pronamespace = 'uec'::regnamespace AND f.prosecdef AND has_function_privilege(role, f.oid, 'EXECUTE')
        GROUP BY role ORDER BY role`,
    )
    expect(given).toEqual([
      { role: 'uec_service', functions: ['feed'] },
      {
        role: 'uec_worker',
        functions: [
          ...['append', 'claim', 'count_handles', 'end_unqueued', 'expire', 'feed', 'take_ended_handles', 'trim'],
        ],
      },
    ])
    const open = await rowsOf(
      `SELECT proname FROM pg_proc WHERE pronamespace = 'uec'::regnamespace
        AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) AS x WHERE x.grantee = 0)) ORDER BY proname`,
    )
    expect(open.map(({ proname }) => proname)).toEqual([])
  })
})
