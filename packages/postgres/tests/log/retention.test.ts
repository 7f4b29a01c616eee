// What the log on Postgres forgets, when, and who is told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRunId, newThreadId, toOwnerKey, type RunId } from 'user-execution-context'
import { openGoldenPath, parseLimits, type RunKey, type ServerMessage } from '@user-execution-context/golden-path'
import { retentionContract } from '@user-execution-context/golden-path/contracts'
import { postgresEventLog, postgresStartKeys, type RetentionOptions } from '../../src/index.ts'
import { newContext, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

const openLog = (retention: RetentionOptions) =>
  postgresEventLog({ postgres: node.postgres, wakes: node.wakes, retention })

describe('postgresEventLog keeps the contract of a log that trims', () => {
  it.each(retentionContract((limits) => openLog({ ...limits, everyMs: 100 })))('$name', ({ run }) => run())
})

/** What a call of the function is asked to keep, unless a case says other. */
const all = { oldest: '1000 years', runs: 1_000_000, bytes: 1_000_000_000, events: 1_000_000, most: 1_000 }
const trim = async (changes: Partial<typeof all>): Promise<boolean> => {
  const { oldest, runs, bytes, events, most } = { ...all, ...changes }
  const { rows } = await node.postgres.worker.query<{ readonly trim: boolean }>(
    'SELECT uec.trim($1::interval, $2, $3, $4, $5)',
    [oldest, runs, bytes, events, most],
  )
  return rows[0]!.trim
}
/** Runs that ended so long ago, each with so many events of 100 bytes. */
const fillRuns = async (owner: string, ...runs: readonly { readonly ageS: number; readonly events: number }[]) => {
  const runIds: RunId[] = []
  for (const { ageS, events } of runs) {
    const runId = newRunId()
    runIds.push(runId)
    // One transaction: a log that trims beside the test would take the run before its events are there.
    await runAsAdmin(
      database.name,
      `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, opened_at, ended_at, epoch_starts,
          last_sequence, bytes)
        VALUES ('${owner}', '${runId}', 't', 'r', 1, now(), now() - interval '${ageS} seconds', '{1}', ${events},
          ${events * 100});
      INSERT INTO uec.events SELECT '${owner}', '${runId}', n, 1,
          CASE WHEN n = ${events} THEN 'agent_completed' ELSE 'agent_message_delta' END, repeat('x', 100)
        FROM generate_series(1, ${events}) AS n`,
    )
  }
  return runIds
}
const listRuns = async (owner: string) =>
  (await queryAsAdmin(database.name, `SELECT run_id FROM uec.runs WHERE owner_key = '${owner}'`))
    .map(({ run_id: runId }) => runId as string)
    .sort()
const countEvents = async (owner: string) =>
  (await queryAsAdmin(database.name, `SELECT count(*)::int FROM uec.events WHERE owner_key = '${owner}'`))[0]!['count']
/** Every owner is looked at again. */
const lookAgain = () => runAsAdmin(database.name, "UPDATE uec.retention SET looked_until = '-infinity'")

describe('uec.trim()', () => {
  it('forgets runs that ended before the age, with their events, whoever has them', async () => {
    const [old] = await fillRuns('age-1', { ageS: 7_300, events: 3 }, { ageS: 7_000, events: 3 })
    await fillRuns('age-2', { ageS: 7_300, events: 3 })
    await trim({ oldest: '2 hours' })
    expect([await listRuns('age-1'), await countEvents('age-1')]).toEqual([[expect.not.stringContaining(old!)], 3])
    expect([await listRuns('age-2'), await countEvents('age-2')]).toEqual([[], 0])
  })

  it('forgets what a lost process left without an end, and no run that has a job', async () => {
    const [lost, queued] = [newRunId(), newRunId()]
    await runAsAdmin(
      database.name,
      ...[lost, queued].map(
        (runId) => `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms)
          VALUES ('lost', '${runId}', 't', 'r', 1)`,
      ),
      `INSERT INTO uec.jobs (owner_key, run_id, sealed_context) VALUES ('lost', '${queued}', 'sealed')`,
    )
    await trim({ oldest: '1 hour' })
    expect(await listRuns('lost')).toEqual([queued])
    await runAsAdmin(database.name, 'DELETE FROM uec.jobs')
  })

  it('keeps the newest runs of an owner whose bytes fit, and all of another owner', async () => {
    await lookAgain()
    const runs = await fillRuns('bytes-1', ...[40, 30, 20, 10].map((ageS) => ({ ageS, events: 10 })))
    await fillRuns('bytes-2', { ageS: 5, events: 20 })
    await trim({ bytes: 2_999 })
    expect(await listRuns('bytes-1')).toEqual([runs[2]!, runs[3]!].sort())
    expect(await countEvents('bytes-2')).toBe(20)
  })

  it('removes so many rows at once and says that there is more, also of one large run', async () => {
    const [runId] = await fillRuns('large', { ageS: 7_300, events: 250 })
    expect(await trim({ oldest: '2 hours', most: 100 })).toBe(true)
    expect(await countEvents('large')).toBe(150)
    const key: RunKey = { ownerKey: 'large', runId: runId! }
    expect(await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 1)).toMatchObject({
      firstSequence: 101,
      lastSequence: 250,
      events: [{ sequence: 101 }],
    })
    const [row] = await queryAsAdmin(database.name, "SELECT bytes::int FROM uec.runs WHERE owner_key = 'large'")
    expect(row).toEqual({ bytes: 15_000 })
    while (await trim({ oldest: '2 hours', most: 100 }));
    expect([await listRuns('large'), await countEvents('large')]).toEqual([[], 0])
  })

  it('goes on behind the owner whom it has looked at, however many ended', async () => {
    await lookAgain()
    await runAsAdmin(
      database.name,
      `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, ended_at)
        SELECT 'many-' || n % 300, n::text, 't', 'r', 1, now() - interval '1 hour' + n * interval '1 second'
        FROM generate_series(1, 600) AS n`,
    )
    expect(await trim({ runs: 1 })).toBe(true)
    while (await trim({ runs: 1 }));
    const [row] = await queryAsAdmin(
      database.name,
      "SELECT count(*)::int, min(run_id::int) FROM uec.runs WHERE owner_key LIKE 'many-%'",
    )
    expect(row).toEqual({ count: 300, min: 301 })
  })

  it('leaves at once while another node trims', async () => {
    await fillRuns('locked', { ageS: 7_300, events: 3 })
    const other = await node.postgres.worker.connect()
    await other.query('BEGIN')
    await other.query(`SELECT uec.trim('1000 years', 1000, 1000000000, 1000, 1)`)
    expect(await trim({ oldest: '2 hours' })).toBe(false)
    expect(await countEvents('locked')).toBe(3)
    await other.query('COMMIT')
    other.release()
    await trim({ oldest: '2 hours' })
    expect(await countEvents('locked')).toBe(0)
  })

  it('waits for no run that somebody writes to', async () => {
    await fillRuns('written', { ageS: 7_300, events: 3 })
    const writer = await node.postgres.worker.connect()
    await writer.query("BEGIN; SELECT set_config('uec.owner', 'written', true)")
    await writer.query("SELECT FROM uec.runs WHERE owner_key = 'written' FOR UPDATE")
    await trim({ oldest: '2 hours' })
    expect(await countEvents('written')).toBe(3)
    await writer.query('COMMIT')
    writer.release()
  })

  it('forgets keys of starts with their runs, after a day, and revocations after the last proof', async () => {
    const keys = postgresStartKeys({ postgres: node.postgres, limits: parseLimits() })
    const claim = (digest: string) =>
      keys.claim(
        { ownerKey: 'keys', digest, inputDigest: 'i' },
        { ownerKey: 'keys', runId: newRunId(), threadId: newThreadId(), requestId: 'r' as never, createdAtMs: 1 },
      )
    for (const digest of ['old', 'new']) await claim(digest)
    await runAsAdmin(
      database.name,
      "UPDATE uec.start_keys SET claimed_at = now() - interval '25 hours' WHERE digest = 'old'",
      "UPDATE uec.start_keys SET claimed_at = now() - interval '23 hours' WHERE digest = 'new'",
      `INSERT INTO uec.revocations (key, not_before_ms, until_ms, reason)
        VALUES ('user:old', 1, 1, 'user_revoked'), ('user:new', 1, ${Date.now() - 30_000}, 'user_revoked')`,
    )
    await trim({ oldest: '1 second' })
    expect(await queryAsAdmin(database.name, 'SELECT digest FROM uec.start_keys')).toEqual([{ digest: 'new' }])
    expect(await queryAsAdmin(database.name, 'SELECT key FROM uec.revocations')).toEqual([{ key: 'user:new' }])
  })
})

describe('a reader whose position was trimmed', () => {
  it('is told of the gap, and of a run that is gone', async () => {
    const context = newContext('reader')
    const eventLog = openLog({ eventsPerRun: 5, runsPerUser: 1, everyMs: 100 })
    const goldenPath = openGoldenPath({
      eventLog,
      agent: async function* () {
        for (let piece = 0; piece < 20; piece++) yield { type: 'agent_message_delta', text: 'x' }
      },
    })
    const sent: ServerMessage[] = []
    const connection = goldenPath.connect(
      context,
      {
        bufferedAmount: 0,
        send: (text) => void sent.push(JSON.parse(text) as ServerMessage),
        close: () => {},
        terminate: () => {},
      },
      { runs: 'requested' },
    )
    const run = await goldenPath.execute(context, { text: 'go' })
    const key = { ownerKey: toOwnerKey(context), runId: run.runId }
    const from = async () => (await eventLog.read(key, { epoch: 1, sequence: 0 }, 1)).firstSequence
    await expect.poll(from, { timeout: 20_000 }).toBe(18)
    expect(await goldenPath.deliver(run, connection, { lastSequence: 3 })).toBe('completed')
    const gap = { runId: run.runId, epoch: 1, fromSequence: 4, toSequence: 17, reason: 'trimmed' }
    expect(sent.filter(({ type }) => type !== 'connection_ready')).toMatchObject([
      { type: 'resume_gap', ...gap },
      ...[18, 19, 20, 21].map((sequence) => ({ type: 'agent_message_delta', sequence })),
      { type: 'agent_completed', sequence: 22 },
    ])
    await runAsAdmin(database.name, `DELETE FROM uec.events; DELETE FROM uec.runs`)
    expect(await goldenPath.deliver(run, connection, { lastSequence: 3 })).toBe('forgotten')
    await goldenPath.close()
  })
})

describe('postgresEventLog', () => {
  it('says that a round of trimming failed, and goes on', async () => {
    const errors: unknown[] = []
    const log = postgresEventLog({
      ...{ postgres: node.postgres, wakes: node.wakes, retention: { everyMs: 50, maxAgeMs: 3_600_000 } },
      onError: (error) => errors.push(error),
    })
    await runAsAdmin(database.name, 'ALTER TABLE uec.retention RENAME TO away')
    await expect.poll(() => errors.length, { timeout: 20_000 }).toBeGreaterThan(1)
    await runAsAdmin(database.name, 'ALTER TABLE uec.away RENAME TO retention')
    await fillRuns('after', { ageS: 7_300, events: 3 })
    await expect.poll(() => countEvents('after'), { timeout: 20_000 }).toBe(0)
    await log.close()
  })
})
