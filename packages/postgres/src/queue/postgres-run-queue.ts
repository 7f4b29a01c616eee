/**
 * The run queue on Postgres: any node takes a run, any worker executes it, and a worker that is lost loses no run.
 */
import type { PoolClient } from 'pg'
import { ContextError, assertLive, requireContext, toOwnerKey } from 'user-execution-context'
import type { CancelReason, RunJob, RunKey, RunQueue } from '@user-execution-context/golden-path'
import { sealContext } from '@user-execution-context/transfer'
import { asOwner, untilDurable } from '../connection/as-owner.ts'
import { toRecord } from '../log/run-record.ts'
import { isKeyStoreOf } from '../stores/key-stores.ts'
import { parseOptions } from '../options/parse-options.ts'
import { pools, wakes as wakesCheck } from '../options/port-checks.ts'
import { telling } from '../options/telling.ts'
import { toTopic, type WakeListener } from '../wakes/wake-channel.ts'
import { toRunKey } from './claim-row.ts'
import { fileRun, toFiledRow } from './file-run.ts'
import { toJobText } from './job-text.ts'
import { jobHop, queueChecks, writtenLog, type PostgresRunQueueOptions } from './queue-options.ts'
import { QueueRoom, tooManyRuns } from './queue-room.ts'
import { QueueWorker } from './queue-worker.ts'
import { WorkerSlots } from './worker-slots.ts'

/** How long a job may wait and be taken up again: as long as the longest identity lives at most. */
const ttlMs = 31 * 86_400_000

/** The topic of all jobs. */
export const queueTopic = toTopic('queue')

/**
 * The run queue on Postgres.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { postgresRunQueue, type PostgresRunQueueOptions } from '@user-execution-context/postgres'
 *
 * export const openQueue = (options: PostgresRunQueueOptions) => postgresRunQueue(options)
 * ```
 */
export const postgresRunQueue = (options: PostgresRunQueueOptions): RunQueue => {
  const checks = { postgres: pools, wakes: wakesCheck, eventLog: writtenLog, ...queueChecks }
  const own = parseOptions(options, checks)
  return openRunQueue(own, toParts(own))
}

/** What the queues of a process share. */
export type QueueParts = { readonly room: QueueRoom; readonly slots: WorkerSlots }

const toParts = ({ postgres, limits }: PostgresRunQueueOptions): QueueParts => ({
  room: new QueueRoom([postgres], limits.queuedRuns),
  slots: new WorkerSlots(limits.concurrentRuns),
})

/** Opens the queue of one database. @param given - That fit. */
export const openRunQueue = (given: PostgresRunQueueOptions, { room, slots }: QueueParts): RunQueue => {
  const options = { ...given, onError: telling(given.onError) }
  const { postgres, wakes, eventLog, limits, sealer, executes = true } = options
  const worker = executes ? new QueueWorker(options, slots) : undefined
  const hearWake: WakeListener = (topics) => void ((topics === undefined || topics.has(queueTopic)) && worker?.hear())
  const unhear = wakes.hear(hearWake)
  let isClosed = false
  const cancel = async ({ ownerKey, runId }: RunKey, reason: CancelReason): Promise<boolean> => {
    const isFound = await asOwner(postgres.service, ownerKey, async (client) => {
      // Owners before jobs, as everywhere: the end of the run would wait for this, and this for it.
      await client.query({ name: 'uec-lock-owner', text: lockOwnerSql, values: [ownerKey] })
      const { rows } = await client.query<{ readonly was_waiting: boolean }>({
        name: 'uec-cancel',
        text: `UPDATE uec.jobs SET cancel_reason = $3, takes_place = takes_place AND worker IS NOT NULL
          WHERE owner_key = $1 AND run_id = $2 AND cancel_reason IS NULL RETURNING worker IS NULL AS was_waiting`,
        values: [ownerKey, runId, reason],
      })
      if (rows[0]?.was_waiting)
        await client.query('UPDATE uec.queue_owners SET waiting = waiting - 1 WHERE owner_key = $1', [ownerKey])
      return rows.length > 0
    })
    if (isFound) {
      worker?.cancel({ ownerKey, runId }, reason)
      wakes.wake([queueTopic], hearWake)
      worker?.look()
    }
    return isFound
  }

  const toText = async ({ context, traceParent }: Pick<RunJob, 'context' | 'traceParent'>): Promise<string> => {
    requireContext(context)
    assertLive(context)
    if (isClosed) throw new ContextError('ERR_CONTEXT_CLOSED')
    await room.assert()
    return toJobText({ sealed: await sealContext(context, { ...jobHop, sealer, ttlMs }), traceParent })
  }
  const sayQueued = async (onQueued: (() => void) | undefined): Promise<void> => {
    room.add()
    wakes.wake([queueTopic], hearWake)
    worker?.hear()
    // A worker may claim it meanwhile: its claim is on disk no sooner than the job.
    await untilDurable(postgres.service)
    onQueued?.()
  }

  return Object.freeze({
    isShared: true,
    countWaiting: () => room.count(),
    enqueue: async ({ context, input, traceParent }, onQueued) => {
      const job = await toText({ context, traceParent })
      const key = { ownerKey: toOwnerKey(context), runId: context.runId }
      const started = worker?.hold(key)
      try {
        const startData = JSON.stringify({ input: { text: input.text } })
        const queue = async (client: PoolClient): Promise<boolean> => {
          const { rows } = await client.query<{ readonly has_room: boolean; readonly is_queued: boolean }>({
            name: 'uec-enqueue',
            text: enqueueSql,
            values: [key.ownerKey, key.runId, job, startData, limits.queuedRunsPerUser],
          })
          const [{ has_room: hasRoom, is_queued: isQueued }] = rows as [(typeof rows)[0]]
          // Another node took this start for lost. What is thrown here takes the place back.
          if (hasRoom && !isQueued) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
          return hasRoom
        }
        if (!(await asOwner(postgres.service, key.ownerKey, queue, { isRelaxed: true })))
          throw tooManyRuns('limits.queuedRunsPerUser')
        await sayQueued(onQueued)
      } finally {
        started?.()
      }
    },
    fileAndEnqueue: async (job, onQueued, startKey) => {
      const row = toFiledRow(job, await toText(job))
      const key = toRunKey(row)
      const slot = worker?.takeSlot(row)
      const started = worker?.hold(key)
      try {
        const filed = await fileRun(row, slot, startKey, options)
        switch (filed.state) {
          case 'full':
            throw tooManyRuns('limits.queuedRunsPerUser')
          case 'queued':
            await sayQueued(onQueued)
            return { state: 'claimed' }
          case 'claimed':
            try {
              onQueued?.()
              eventLog.open(toRecord(key.ownerKey, row), filed.firstEvent)
            } finally {
              slot!.run()
            }
            return { state: 'claimed' }
          case 'started':
            // Whoever is told of the run may rely on it: the node that queued it may still wait for the disk.
            await untilDurable(postgres.service)
            return filed
          case 'no key':
            return { state: 'full', limit: 'idempotencyKeysPerUser' }
          default:
            return { state: filed.state }
        }
      } finally {
        started?.()
      }
    },
    claimsKeysOf: (keys) => isKeyStoreOf(keys, postgres),
    process: (...given) => worker?.start(...given),
    cancel,
    drain: () => worker?.drain(),
    close: async ({ handsOn } = { handsOn: false }) => {
      isClosed = true
      unhear()
      await worker?.close((run) => (handsOn ? run.abandon() : run.cancel('shutdown')))
      // What is handed on is looked for at once.
      if (handsOn) wakes.wake([queueTopic])
    },
  } satisfies RunQueue)
}

const lockOwnerSql = 'SELECT FROM uec.queue_owners WHERE owner_key = $1 FOR UPDATE'

// The owner's row is the lock of their places.
const enqueueSql = `
  WITH owner AS (
    INSERT INTO uec.queue_owners AS q (owner_key, waiting, turn) VALUES ($1, 1, nextval('uec.turns'))
    ON CONFLICT (owner_key) DO UPDATE SET
      waiting = q.waiting + 1, turn = CASE WHEN q.waiting = 0 THEN nextval('uec.turns') ELSE q.turn END
    WHERE q.waiting < $5
    RETURNING owner_key
  ), run AS (
    UPDATE uec.runs AS r SET start_data = $4 FROM owner
    WHERE r.owner_key = owner.owner_key AND r.run_id = $2 AND r.ended_at IS NULL
    RETURNING r.owner_key, r.run_id
  ), job AS (
    INSERT INTO uec.jobs (owner_key, run_id, sealed_context) SELECT owner_key, run_id, $3 FROM run RETURNING run_id
  )
  SELECT EXISTS (SELECT FROM owner) AS has_room, EXISTS (SELECT FROM job) AS is_queued`
