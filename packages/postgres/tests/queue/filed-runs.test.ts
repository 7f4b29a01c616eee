// Runs that are filed and queued in one statement, which claims them for the worker of their process where it can.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type Limits, type RunJob, type RunQueue } from '@user-execution-context/golden-path'
import { runQueueContract } from '@user-execution-context/golden-path/contracts'
import { postgresStartKeys } from '../../src/index.ts'
import { endRun, filing, newContext, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
const clear = () =>
  runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events, uec.start_keys')
beforeEach(clear)

const rowsOf = (statement: string) => queryAsAdmin(database.name, statement)

describe('fileAndEnqueue keeps the contract of a run queue', () => {
  const cases = runQueueContract({
    openQueue: async (limits) => {
      await clear()
      return filing(node.openQueue(limits))
    },
    createContext: newContext,
    finish: endRun,
    quietMs: 150,
  })
  it.each(cases)('$name', ({ run }) => run())
})

type Query = (...given: readonly unknown[]) => Promise<unknown>
/** A pool of a worker, with something in place of how it asks a statement of a name. */
const whereStatement = (name: string, query: (ask: () => Promise<unknown>) => Promise<unknown>) => {
  const { worker } = node.postgres
  const ask: Query = (...given) => {
    const send = () => (worker.query as unknown as Query)(...given)
    return (given[0] as { readonly name?: string }).name === name ? query(send) : send()
  }
  const pool = new Proxy(worker, { get: (target, key) => (key === 'query' ? ask : Reflect.get(target, key)) })
  return { postgres: { ...node.postgres, worker: pool } }
}
const runsOf = (queue: RunQueue) => {
  const started: RunJob[] = []
  queue.process(async (job) => {
    started.push(job)
    await endRun(job)
  })
  return started
}
/** Waits until the worker of a queue has claimed once, and so knows that nobody waits. */
const untilIdle = async (queue: RunQueue, started: readonly RunJob[]): Promise<void> => {
  await queue.fileAndEnqueue!(newJob('first'))
  await expect.poll(() => started.length).toBe(1)
  await expect.poll(() => rowsOf('SELECT FROM uec.jobs')).toEqual([])
}

const waitingForLocks = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

describe('fileAndEnqueue', () => {
  it('claims the job for a worker that has a slot, with its first event on disk', async () => {
    const kinds: string[] = []
    const watched = whereStatement('uec-claim', async (ask) => {
      const answer = (await ask()) as { readonly rows: readonly { readonly kind: string }[] }
      kinds.push(...answer.rows.map(({ kind }) => kind))
      return answer
    })
    const queue = node.openQueue(parseLimits(), watched)
    const started = runsOf(queue)
    await untilIdle(queue, started)
    kinds.length = 0
    let eventsBefore: unknown
    await queue.fileAndEnqueue!(newJob('alice'), () => {
      eventsBefore = rowsOf("SELECT type FROM uec.events WHERE owner_key LIKE '%alice'")
    })
    expect(await eventsBefore).toContainEqual({ type: 'agent_started' })
    await expect.poll(() => started.length).toBe(2)
    expect(started[1]!.writer).toMatchObject({ epoch: 1, lastSequence: 1 })
    await queue.close()
    expect(kinds).not.toContain('claimed')
  })

  it('lets a job wait behind those that are known to wait', async () => {
    let release!: () => void
    let isHeld = false
    const released = new Promise<void>((resolve) => (release = resolve))
    const held = whereStatement('uec-claim', async (ask) => {
      if (isHeld) await released
      return ask()
    })
    const queue = node.openQueue(parseLimits(), held)
    const started = runsOf(queue)
    await untilIdle(queue, started)
    isHeld = true
    const elsewhere = node.openQueue(parseLimits(), { executes: false })
    await elsewhere.fileAndEnqueue!(newJob('bob'))
    const heard = new Promise<void>((resolve) => node.wakes.hear(() => resolve()))
    node.wakes.wake(['any'])
    await heard
    await queue.fileAndEnqueue!(newJob('alice'))
    expect(await rowsOf('SELECT FROM uec.jobs WHERE worker IS NULL')).toHaveLength(2)
    release()
    await expect.poll(() => started.map(({ context }) => context.userId)).toEqual(['first', 'bob', 'alice'])
    await Promise.all([queue.close(), elsewhere.close()])
  })

  it.each([
    ['one of their jobs waits', { waiting: 1, running: 0 }],
    ['they have no place', { waiting: 0, running: 10 }],
  ])('claims no job of an owner while %s', async (_, { waiting, running }) => {
    await runAsAdmin(database.name, `INSERT INTO uec.queue_owners VALUES ('alice', ${waiting}, ${running}, 1)`)
    const { rows } = await node.postgres.worker.query(
      `SELECT state FROM uec.file_run('alice', false, 'run', 'thread', 'request', 1, 'job', '{}', 10, 10,
        '${randomUUID()}', 15000, NULL, NULL, 10)`,
    )
    expect(rows).toEqual([{ state: 'queued' }])
    const after = await rowsOf('SELECT waiting, running FROM uec.queue_owners')
    expect(after).toEqual([{ waiting: waiting + 1, running }])
  })

  it('takes no place for a run that is there', async () => {
    const queue = node.openQueue(parseLimits(), { executes: false })
    const job = newJob('alice')
    await queue.fileAndEnqueue!(job)
    await expect(queue.fileAndEnqueue!(job)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_EXISTS' })
    expect(await rowsOf('SELECT waiting, running FROM uec.queue_owners')).toEqual([{ waiting: 1, running: 0 }])
    await queue.close()
  })

  it('files no run that it has no room for', async () => {
    const queue = node.openQueue(parseLimits({ queuedRunsPerUser: 1 }), { executes: false })
    await queue.fileAndEnqueue!(newJob('alice'))
    const refused = queue.fileAndEnqueue!(newJob('alice'))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_RUNS' })
    expect(await rowsOf('SELECT FROM uec.runs')).toHaveLength(1)
    await queue.close()
  })

  it('executes a run whose answer was lost in the worker that has it, once', async () => {
    let isLost = false
    const losing = whereStatement('uec-file-run', async (ask) => {
      const answer = await ask()
      if (!isLost) return answer
      throw new Error('Connection terminated unexpectedly')
    })
    const queue = node.openQueue(parseLimits(), { ...losing, pollMs: 20 })
    const started = runsOf(queue)
    await untilIdle(queue, started)
    isLost = true
    const refused = queue.fileAndEnqueue!(newJob('alice'))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE' })
    await expect.poll(() => started.length).toBe(2)
    await expect.poll(() => rowsOf('SELECT FROM uec.jobs')).toEqual([])
    expect(started[1]!.writer).toMatchObject({ epoch: 1, lastSequence: 1 })
    expect(started).toHaveLength(2)
    await queue.close()
  })

  it('is not let go by a claim that was answered before the run was filed', async () => {
    let release!: () => void
    const released = new Promise<void>((resolve) => (release = resolve))
    let isHeld = false
    let isAnswered = false
    let claims = 0
    const held = whereStatement('uec-claim', async (ask) => {
      const answer = await ask()
      isAnswered = isHeld
      if (isHeld) await released
      claims++
      return answer
    })
    const queue = node.openQueue(parseLimits(), { ...held, pollMs: 20 })
    const seen: unknown[] = []
    let end!: () => void
    const mayEnd = new Promise<void>((resolve) => (end = resolve))
    queue.process(async (job, cancellation) => {
      cancellation.whenCancelled(({ reason }) => seen.push(reason))
      if (job.context.userId === 'alice') await mayEnd
      seen.push(job.context.userId)
      await endRun(job)
    })
    await queue.fileAndEnqueue!(newJob('first'))
    await expect.poll(() => seen).toEqual(['first'])
    await expect.poll(() => rowsOf('SELECT FROM uec.jobs')).toEqual([])
    // One that was sent since then knows that nobody waits.
    const idle = claims
    await expect.poll(() => claims).toBeGreaterThan(idle + 1)
    isHeld = true
    await expect.poll(() => isAnswered).toBe(true)
    await queue.fileAndEnqueue!(newJob('alice'))
    expect(await rowsOf('SELECT FROM uec.jobs WHERE worker IS NOT NULL')).toHaveLength(1)
    isHeld = false
    const before = claims
    release()
    await expect.poll(() => claims).toBeGreaterThan(before)
    end()
    await expect.poll(() => seen).toEqual(['first', 'alice'])
    await queue.close()
  })

  it('keeps a job that a claim of its worker sees before its own answer', async () => {
    let claims = 0
    const counted = whereStatement('uec-claim', (ask) => ask().finally(() => claims++))
    const slow = whereStatement('uec-file-run', async (ask) => {
      const answer = await ask()
      const before = claims
      await expect.poll(() => claims).toBeGreaterThan(before + 2)
      return answer
    })
    const query: Query = (statement, ...rest) => {
      const { worker } =
        (statement as { readonly name?: string }).name === 'uec-claim' ? counted.postgres : slow.postgres
      return (worker.query as unknown as Query)(statement, ...rest)
    }
    const worker = new Proxy(node.postgres.worker, {
      get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)),
    })
    const queue = node.openQueue(parseLimits(), { postgres: { ...node.postgres, worker }, pollMs: 20 })
    const started = runsOf(queue)
    await untilIdle(queue, started)
    await queue.fileAndEnqueue!(newJob('alice'))
    await expect.poll(() => started.length).toBe(2)
    await expect.poll(() => rowsOf('SELECT FROM uec.jobs')).toEqual([])
    expect(await rowsOf(`SELECT cardinality(epoch_starts) AS epochs FROM uec.runs`)).toEqual([
      { epochs: 1 },
      { epochs: 1 },
    ])
    await queue.close()
  })
})

describe('fileAndEnqueue with the key of a start', () => {
  const keyOf = (digest: string, inputDigest = 'input') => ({
    ownerKey: toOwnerKey(newContext('alice')),
    digest,
    inputDigest,
  })
  const open = (changes: Partial<Limits> = {}) => {
    const limits = parseLimits(changes)
    const keys = postgresStartKeys({ postgres: node.postgres, limits, decideMs: 100 })
    return { queue: node.openQueue(limits, { executes: false }), keys }
  }
  const toRecord = ({ context }: RunJob) => ({ ...context, ownerKey: toOwnerKey(context), createdAtMs: 1 }) as never

  it('claims keys of the store of its database, and of no other', () => {
    const { queue, keys } = open()
    expect(queue.claimsKeysOf!(keys)).toBe(true)
    expect(queue.claimsKeysOf!({ ...keys })).toBe(false)
  })

  it('starts one run for a key, however many ask at once', async () => {
    const { queue, keys } = open()
    const jobs = Array.from({ length: 8 }, () => newJob('alice'))
    const filed = await Promise.all(jobs.map((job) => queue.fileAndEnqueue!(job, undefined, keyOf('one'))))
    const run = filed.find(({ state }) => state === 'started')
    expect(filed.map(({ state }) => state).sort()).toEqual(['claimed', ...Array.from({ length: 7 }, () => 'started')])
    const [{ run_id: runId }] = (await rowsOf('SELECT run_id FROM uec.runs')) as [{ readonly run_id: string }]
    expect(run).toMatchObject({ run: { runId } })
    expect(await keys.claim(keyOf('one'), toRecord(newJob('alice')))).toMatchObject({
      state: 'started',
      run: { runId },
    })
  })

  it('waits for a start with the key that is about to commit', async () => {
    const { queue } = open()
    const { ownerKey, digest, inputDigest } = keyOf('one')
    const client = await node.postgres.service.connect()
    await client.query('BEGIN')
    await client.query(
      `SELECT uec.file_run('${ownerKey}', false, 'run', 'thread', 'request', 1, 'job', '{}', 10, 10, NULL, 15000,
        '${digest}', '${inputDigest}', 10)`,
    )
    const filed = queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('one'))
    await expect.poll(async () => (await rowsOf(waitingForLocks)).length).toBe(1)
    await client.query('COMMIT')
    client.release()
    expect(await filed).toMatchObject({ state: 'started', run: { runId: 'run' } })
  })

  it('files nothing for a key of another input, or of a start that is not decided', async () => {
    const { queue, keys } = open()
    await queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('one'))
    await keys.claim(keyOf('two'), toRecord(newJob('alice')))
    expect(await queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('one', 'other'))).toEqual({ state: 'reused' })
    expect(await queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('two'))).toEqual({ state: 'undecided' })
    expect(await rowsOf('SELECT FROM uec.runs')).toHaveLength(1)
  })

  it('files nothing where its owner has too many keys', async () => {
    const { queue } = open({ idempotencyKeysPerUser: 1 })
    await queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('one'))
    const filed = await queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('two'))
    expect(filed).toEqual({ state: 'full', limit: 'idempotencyKeysPerUser' })
    expect(await rowsOf('SELECT FROM uec.runs')).toHaveLength(1)
  })

  it('keeps no key of a start that there is no room for, or whose run is there', async () => {
    const { queue } = open({ queuedRunsPerUser: 1 })
    const job = newJob('alice')
    await queue.fileAndEnqueue!(job)
    const refused = queue.fileAndEnqueue!(newJob('alice'), undefined, keyOf('one'))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_RUNS' })
    const again = open().queue.fileAndEnqueue!(job, undefined, keyOf('two'))
    await expect(again).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_EXISTS' })
    expect(await rowsOf('SELECT FROM uec.start_keys')).toEqual([])
  })
})

describe('cancel', () => {
  it('waits for the owner before it locks the job, as the end of a run does', async () => {
    const queue = node.openQueue(parseLimits(), { executes: false })
    const job = newJob('alice')
    await queue.fileAndEnqueue!(job)
    const ownerKey = toOwnerKey(job.context)
    const admin = await node.postgres.service.connect()
    await admin.query(`BEGIN; SELECT set_config('uec.owner', '${ownerKey}', true)`)
    await admin.query('SELECT FROM uec.queue_owners FOR UPDATE')
    const cancelled = queue.cancel({ ownerKey, runId: job.context.runId }, 'user')
    await expect.poll(async () => (await rowsOf(waitingForLocks)).length).toBe(1)
    await admin.query('SELECT FROM uec.jobs FOR UPDATE NOWAIT')
    await admin.query('COMMIT')
    admin.release()
    expect(await cancelled).toBe(true)
    expect(await rowsOf('SELECT waiting FROM uec.queue_owners')).toEqual([{ waiting: 0 }])
    await queue.close()
  })
})
